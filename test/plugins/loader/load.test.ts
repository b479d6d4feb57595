import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInPlugins } from '../../../plugins/index.ts';
import { asStrongroomError } from '../../../src/errors.ts';
import { configurationJsonSchema, loadPlugins } from '../../../src/plugins.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import type { TempDir } from '../../support/temp-dir.ts';

let folder: TempDir;
beforeEach(async () => {
  folder = await makeTempDir('plugins');
});
afterEach(() => folder[Symbol.asyncDispose]());

const zod = pathToFileURL(resolve('node_modules/zod/index.js')).href;

/** A sound plugin's fields as source text. */
const sound = {
  kind: `'compressor'`,
  name: `'mine'`,
  version: `'1.0.0'`,
  contractVersion: '1',
  description: `'A plugin.'`,
  configuration: 'z.object({})',
  create: '() => ({})',
};

/** Writes a module whose default export has these fields, and returns its path. */
async function moduleWith(fields: Readonly<Record<string, string>>, file = 'plugin.mjs'): Promise<string> {
  const lines = Object.entries({ ...sound, ...fields }).map(([field, value]) => `${field}: ${value},`);
  return moduleOf(`import { z } from '${zod}';\nexport default {\n${lines.join('\n')}\n};\n`, file);
}

async function moduleOf(text: string, file = 'plugin.mjs'): Promise<string> {
  await writeFile(folder.join(file), text);
  return folder.join(file);
}

/** Code and message of what loading `modules` is refused with. */
async function refusal(...modules: readonly string[]): Promise<{ code: string; message: string }> {
  const [result] = await Promise.allSettled([loadPlugins(modules)]);
  if (result?.status !== 'rejected') throw new Error('loading was to be refused');
  const { code, message } = asStrongroomError(result.reason);
  return { code, message };
}

describe('loading', () => {
  it('takes the built-in plugins by the same door', async () => {
    const registry = await loadPlugins([]);
    expect(registry.list().map(({ plugin }) => plugin)).toEqual(expect.arrayContaining([...builtInPlugins]));
    expect(registry.list()).toHaveLength(builtInPlugins.length);
    expect(registry.list().every(({ builtIn, module }) => builtIn && module === 'built in')).toBe(true);
    expect(registry.list('compressor').map(({ plugin }) => plugin.name)).toEqual(['brotli', 'gzip', 'none', 'zstd']);
  });

  it('adds what is named, and tells where it came from', async () => {
    const module = await moduleWith({});
    const registry = await loadPlugins([module]);
    expect(registry.get('compressor', 'mine').description).toBe('A plugin.');
    expect(registry.list('compressor')).toContainEqual(expect.objectContaining({ module, builtIn: false }));
  });

  it('refuses another contract version, naming both', async () => {
    const module = await moduleWith({ contractVersion: '7' });
    expect(await refusal(module)).toEqual({
      code: 'PLUGIN_CONTRACT',
      message: `The plugin ${module} is written for contract version 7, this Strongroom has version 1.`,
    });
  });

  it('refuses a name that is taken, naming both modules', async () => {
    const mine = await moduleWith({ name: `'zstd'` });
    const other = await moduleWith({ name: `'zstd'`, kind: `'encryptor'` }, 'other.mjs');
    const { code, message } = await refusal(other, mine);
    expect(code).toBe('PLUGIN_DUPLICATE');
    expect(message).toBe(`Two compressor plugins are named zstd: built in and ${mine}.`);
    const again = await moduleWith({}, 'again.mjs');
    expect((await refusal(again, await moduleWith({}, 'twice.mjs'))).code).toBe('PLUGIN_DUPLICATE');
  });

  it.each([
    ['kind', `'wallpaper'`],
    ['name', `'My Plugin'`],
    ['name', `'-'`],
    ['name', `'a--b'`],
    ['version', '1'],
    ['contractVersion', `'1'`],
    ['description', `''`],
    ['configuration', '{ path: String }'],
    ['configuration', 'z.string()'],
    ['configuration', 'z.object({ when: z.date() })'],
    ['configuration', 'undefined'],
    ['create', '{}'],
  ])('refuses a plugin whose %s is %s, and says so', async (field, value) => {
    const { code, message } = await refusal(await moduleWith({ [field]: value }));
    expect(code).toBe('PLUGIN_INVALID');
    expect(message).toContain(`${field}: `);
  });

  it('refuses a source that does not tell its content', async () => {
    const { message } = await refusal(await moduleWith({ kind: `'source'` }));
    expect(message).toContain('content: ');
    await expect(
      loadPlugins([await moduleWith({ kind: `'source'`, content: `'FILES'` }, 'b.mjs')]),
    ).resolves.toBeDefined();
  });

  it('refuses modules that export no plugin, do not parse, throw or are not there', async () => {
    expect((await refusal(await moduleOf('export const plugin = 1;'))).message).toContain('no default export');
    expect((await refusal(await moduleOf('export default 5;', 'five.mjs'))).code).toBe('PLUGIN_INVALID');
    expect((await refusal(await moduleOf('export default {', 'syntax.mjs'))).message).toContain('importing it failed');
    expect((await refusal(await moduleOf(`throw new Error('not today')`, 'throws.mjs'))).message).toContain(
      'not today',
    );
    expect((await refusal(folder.join('absent.mjs'))).message).toContain('importing it failed');
    expect((await refusal('no-such-package')).message).toContain('no npm package of that name');
  });
});

describe('the registry', () => {
  it('names the plugins there are when asked for another one', async () => {
    const registry = await loadPlugins([]);
    const ask = (): unknown => registry.get('encryptor', 'rot13');
    expect(ask).toThrow(
      'There is no encryptor plugin named "rot13"; loaded are: aes-256-gcm, chacha20-poly1305, none.',
    );
    expect(() => registry.get('notifier', 'pigeon')).toThrow('loaded are: none.');
    expect(() => registry.configure('compressor', 'filesystem', {})).toThrow('There is no compressor plugin');
  });

  it('checks configurations and fills in defaults', async () => {
    const configuration = 'z.object({ host: z.string(), port: z.number().int().max(9999).default(22) })';
    const registry = await loadPlugins([await moduleWith({ configuration })]);
    const configure = (given: unknown): unknown => registry.configure('compressor', 'mine', given);
    expect(configure({ host: 'a' })).toEqual({ host: 'a', port: 22 });
    expect(() => configure({ host: 'a', port: 10_000 })).toThrow(/^configuration\.port: /);
    expect(() => configure({ host: 'a', prot: 23 })).toThrow(
      'configuration.prot: is not a field of this configuration',
    );
    expect(() => configure({ port: 'x' })).toThrow(/^configuration\.host: .*; configuration\.port: /);
    for (const none of [undefined, null, 5, 'text', []]) expect(() => configure(none)).toThrow(/^configuration: /);
  });

  it('refuses unknown fields of strict schemas, also deep ones, and lets open schemas be open', async () => {
    const strict = await moduleWith({ configuration: 'z.strictObject({ tls: z.strictObject({ ca: z.string() }) })' });
    const open = await moduleWith({ name: `'open'`, configuration: 'z.looseObject({ a: z.string() })' }, 'open.mjs');
    const registry = await loadPlugins([strict, open]);
    const deep = { tls: { ca: 'x', cert: 'y' } };
    expect(() => registry.configure('compressor', 'mine', deep)).toThrow(/^configuration\.tls\.cert: /);
    expect(registry.configure('compressor', 'open', { a: '1', b: 2 })).toEqual({ a: '1', b: 2 });
  });

  it('never repeats what was given, which may be secret', async () => {
    const configuration = `z.strictObject({ password: z.string().max(3).meta({ writeOnly: true }), mode: z.enum(['a']) })`;
    const registry = await loadPlugins([await moduleWith({ configuration })]);
    const configure = (): unknown => registry.configure('compressor', 'mine', { password: 'hunter2', mode: 'hunter3' });
    expect(configure).toThrow(/^configuration\.password: ((?!hunter).)*$/);
  });

  it('describes every configuration as JSON Schema, secrets as write-only', async () => {
    const configuration = `z.strictObject({ password: z.string().meta({ writeOnly: true }), port: z.number().default(1) })`;
    const registry = await loadPlugins([await moduleWith({ configuration })]);
    expect(configurationJsonSchema(registry.get('compressor', 'mine'))).toMatchObject({
      type: 'object',
      properties: { password: { type: 'string', writeOnly: true }, port: { type: 'number', default: 1 } },
      required: ['password'],
      additionalProperties: false,
    });
    for (const { plugin } of registry.list()) expect(configurationJsonSchema(plugin)['type']).toBe('object');
  });
});
