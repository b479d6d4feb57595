import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  completeLockFile,
  missingPlatformPackages,
  unreviewedScripts,
  withAddress,
} from '../../scripts/house/lock-file.ts';
import { code, table } from '../../scripts/house/markdown.ts';
import { errorsPage } from '../../scripts/house/errors-page.ts';
import { pluginsPage } from '../../scripts/house/plugins-page.ts';
import { defineSource, secret } from '../../src/contracts/index.ts';
import { errorCatalogue } from '../../src/errors.ts';

describe('the page of errors', () => {
  it('holds every code once, in the table of its category', () => {
    const page = errorsPage();
    for (const [name, { category }] of Object.entries(errorCatalogue)) {
      const section = page.split(/^## /m).find((text) => text.startsWith(`${category}\n`));
      expect(section?.split(`| \`${name}\` |`)).toHaveLength(2);
    }
  });
});

describe('the page of plugins', () => {
  it('shows type, default, meaning and secrecy of every field', () => {
    const plugin = defineSource({
      name: 'sample',
      version: '1.2.3',
      contractVersion: 1,
      description: 'A sample.',
      content: 'FILES',
      configuration: z.strictObject({
        path: z.string().describe('Where.'),
        mode: z.enum(['fast', 'small']).default('fast'),
        names: z.array(z.string()).optional().describe('One | two.'),
        password: secret().describe('The password.'),
      }),
      create: () => Promise.reject(new Error('never made')),
    });
    const lines = pluginsPage([plugin]).split('\n');
    expect(lines).toContain('A sample. (Version 1.2.3 · content `FILES`)');
    expect(lines).toContain('| `path` | string | required | Where. |');
    expect(lines).toContain('| `mode` | `"fast"`, `"small"` | `"fast"` |  |');
    expect(lines).toContain(String.raw`| \`names\` | list of string |  | One \| two. |`.replaceAll('\\`', '`'));
    expect(lines).toContain('| `password` | string | required | **Secret.** The password. |');
  });
});

describe('markdown', () => {
  it('keeps cells in their row', () => {
    expect(table(['a'], [['one\n  two | three']])).toBe('| a |\n| --- |\n| one two \\| three |\n');
    expect(code('`x`')).toBe('`` `x` ``');
  });
});

describe('the lock file', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/one': {
        version: '1.0.0',
        dev: true,
        optionalDependencies: { '@one/linux-arm64-musl': '1.0.0', two: '2.0.0' },
      },
      'node_modules/one/node_modules/two': { version: '2.0.0' },
    },
  };

  it('is completed with the builds for other platforms', () => {
    const added = { version: '1.0.0', os: ['linux'], cpu: ['arm64'], libc: ['musl'], dev: true, optional: true };
    expect(missingPlatformPackages(lock)).toEqual({ 'node_modules/@one/linux-arm64-musl': added });
    const complete = completeLockFile(lock);
    expect(Object.keys(complete.packages)).toEqual([
      '',
      'node_modules/@one/linux-arm64-musl',
      'node_modules/one',
      'node_modules/one/node_modules/two',
    ]);
    expect(missingPlatformPackages(complete)).toEqual({});
  });

  it('has no install script that nobody looked at', () => {
    const scripted = {
      packages: {
        '': { hasInstallScript: true },
        'node_modules/one': { hasInstallScript: true },
        'node_modules/one/node_modules/@two/three': { hasInstallScript: true },
        'node_modules/four': {},
      },
    };
    expect(unreviewedScripts(scripted, { one: false })).toEqual(['@two/three']);
  });

  it('holds no registry address', () => {
    const addressed = { packages: { 'node_modules/one': { resolved: 'https://registry.example/one.tgz' } } };
    expect(withAddress(addressed)).toEqual(['node_modules/one']);
    expect(withAddress(lock)).toEqual([]);
  });
});
