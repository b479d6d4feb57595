/** Proves that the lint bites: each case is a file planted in an empty project that has this project's own lint configuration. */
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { makeTempDir } from '../support/temp-dir.ts';

const root = join(import.meta.dirname, '..', '..');

interface Finding {
  readonly code: string;
  readonly filename: string;
}

/** What oxlint says about a project of these files, with the real configuration. */
async function lint(files: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  await using project = await makeTempDir('lint');
  await symlink(join(root, 'node_modules'), project.join('node_modules'));
  for (const name of ['.oxlintrc.json', '.gitignore', 'tsconfig.json']) {
    await copyFile(join(root, name), project.join(name));
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(project.join(path)), { recursive: true });
    await writeFile(project.join(path), text);
  }
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    [join(root, 'node_modules/oxlint/bin/oxlint'), '-f', 'json'],
    {
      cwd: project.path,
      reject: false,
    },
  );
  expect(stderr).toBe('');
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Finding[] };
  expect(exitCode).toBe(diagnostics.length === 0 ? 0 : 1);
  return diagnostics.map(({ code, filename }) => ({ code, filename }));
}

const importing = (module: string): string => `import { thing } from '${module}';\n\nexport const other = thing;\n`;

const refused: readonly (readonly [file: string, module: string])[] = [
  ['src/contracts/storage.ts', '../errors.ts'],
  ['src/contracts/testing/storage.ts', '../../repository/index.ts'],
  ['src/errors.ts', './contracts/index.ts'],
  ['src/config.ts', './services/backups.ts'],
  ['src/plugins.ts', './repository/index.ts'],
  ['plugins/storage/filesystem.ts', '../../src/repository/index.ts'],
  ['plugins/source/postgres/index.ts', '../../../src/config.ts'],
  ['plugins/source/postgres/index.ts', '@prisma/client'],
  ['src/repository/writer.ts', '../catalogue/client.ts'],
  ['src/repository/writer.ts', '../config.ts'],
  ['src/repository/pack/writer.ts', '../../services/backups.ts'],
  ['src/repository/writer.ts', 'pg'],
  ['src/repository/writer.ts', 'graphql'],
  ['src/repository/writer.ts', '../engine/operations.ts'],
  ['src/engine/thread.ts', '../repository/pack-writer.ts'],
  ['src/engine/thread.ts', '../catalogue/client.ts'],
  ['src/catalogue/backups.ts', '../services/backups.ts'],
  ['src/services/backups.ts', '../repository/index.ts'],
  ['src/services/backups.ts', '../engine/host.ts'],
  ['src/services/backups.ts', '../jobs/handlers/backup.ts'],
  ['src/services/backups.ts', '../graphql/schema.ts'],
  ['src/jobs/definitions.ts', './handlers/backup.ts'],
  ['src/jobs/definitions.ts', '../services/backups.ts'],
  ['src/jobs/handlers/backup.ts', '../../engine/host.ts'],
  ['src/jobs/handlers/backup.ts', '../../repository/index.ts'],
  ['src/jobs/handlers/backup.ts', '../../graphql/schema.ts'],
  ['src/graphql/backup.ts', '../repository/index.ts'],
  ['src/graphql/backup.ts', '../engine/host.ts'],
  ['src/graphql/types/backup.ts', '../../jobs/handlers/backup.ts'],
  ['src/server/http.ts', '../engine/host.ts'],
  ['src/server/http.ts', '../cli/main.ts'],
  ['src/cli/backup.ts', '../services/backups.ts'],
  ['src/cli/backup.ts', '../catalogue/client.ts'],
  ['src/cli/api/client.ts', '../../repository/index.ts'],
  ['src/cli/backup.ts', '../graphql/schema.ts'],
  ['src/main.ts', './repository/index.ts'],
  ['src/services/environment.ts', 'node:process'],
];

describe('layering', () => {
  it('refuses every import that the rooms forbid, and nothing else', async () => {
    const cases = refused.map(([file, module], index) => ({
      // The names differ, so that all cases fit into one project.
      file: file.endsWith('/index.ts') ? file.replace('index.ts', `case-${index}.ts`) : file,
      module,
    }));
    // One file may have several cases: plant them in rounds of distinct files.
    const rounds: { file: string; module: string }[][] = [];
    for (const planted of cases) {
      const round = rounds.find((known) => known.every(({ file }) => file !== planted.file));
      if (round === undefined) rounds.push([planted]);
      else round.push(planted);
    }
    for (const round of rounds) {
      const found = await lint(Object.fromEntries(round.map(({ file, module }) => [file, importing(module)])));
      const expected = round.map(({ file }) => ({ code: 'eslint(no-restricted-imports)', filename: file }));
      expect(sorted(found)).toEqual(sorted(expected));
    }
  });

  it('accepts the imports that the rooms allow', async () => {
    const allowed: readonly (readonly [file: string, module: string])[] = [
      ['src/contracts/index.ts', './storage.ts'],
      ['src/contracts/testing/storage.ts', '../index.ts'],
      ['src/contracts/testing/compressor.ts', '../../errors.ts'],
      ['src/plugins.ts', '../plugins/index.ts'],
      ['plugins/storage/filesystem.ts', '../../src/contracts/index.ts'],
      ['plugins/source/postgres/restore.ts', '../../../src/errors.ts'],
      ['src/repository/pack/writer.ts', '../../contracts/index.ts'],
      ['src/repository/pack/reader.ts', '../index-file.ts'],
      ['src/engine/thread.ts', '../repository/index.ts'],
      ['src/engine/operations.ts', '../contracts/index.ts'],
      ['src/catalogue/backups.ts', '../clock.ts'],
      ['src/services/backups.ts', '../jobs/definitions.ts'],
      ['src/services/restores.ts', '../engine/operations.ts'],
      ['src/services/tokens.ts', '../catalogue/client.ts'],
      ['src/jobs/handlers/backup.ts', '../../services/backups.ts'],
      ['src/jobs/handlers/restore.ts', '../definitions.ts'],
      ['src/graphql/backup.ts', '../services/backups.ts'],
      ['src/graphql/schema.ts', 'graphql'],
      ['src/server/http.ts', '../graphql/schema.ts'],
      ['src/server/local.ts', '../cli/transport.ts'],
      ['src/cli/backup.ts', '../errors.ts'],
      ['src/main.ts', './engine/host.ts'],
    ];
    expect(await lint(Object.fromEntries(allowed.map(([file, module]) => [file, importing(module)])))).toEqual([]);
  });

  it('refuses a cycle that only a type import closes', async () => {
    const found = await lint({
      'src/services/one.ts': `import type { Two } from './two.ts';\n\nexport interface One {\n  readonly two: Two;\n}\n\nexport const one = 1;\n`,
      'src/services/two.ts': `import { one } from './one.ts';\n\nexport interface Two {\n  readonly one: typeof one;\n}\n`,
    });
    expect(found.map(({ code }) => code)).toContain('import(no-cycle)');
  });
});

describe('style', () => {
  const cases: readonly (readonly [rule: string, file: string, text: string])[] = [
    ['node(no-process-env)', 'src/services/environment.ts', `export const home = process.env['HOME'];\n`],
    [
      'eslint(max-lines)',
      'src/services/long.ts',
      'export const line = 1;\n'.replace('line', 'first') + '// line\n'.repeat(400),
    ],
    ['unicorn(filename-case)', 'src/services/camelCase.ts', 'export const one = 1;\n'],
    [
      'typescript(no-explicit-any)',
      'src/services/loose.ts',
      'export const loose = (value: any): void => void value;\n',
    ],
    [
      'typescript(no-non-null-assertion)',
      'src/services/sure.ts',
      'export const sure = (value?: string): string => value!;\n',
    ],
    [
      'typescript(only-throw-error)',
      'src/services/thrown.ts',
      `export function fail(): never {\n  throw 'a string';\n}\n`,
    ],
    [
      'typescript(no-floating-promises)',
      'src/services/floating.ts',
      `export function start(): void {\n  Promise.resolve(1);\n}\n`,
    ],
    ['import(no-default-export)', 'src/services/unnamed.ts', 'export default 1;\n'],
    [
      'eslint(no-empty)',
      'src/services/swallow.ts',
      `export function swallow(work: () => void): void {\n  try {\n    work();\n  } catch {}\n}\n`,
    ],
  ];

  it('refuses what the style forbids', async () => {
    const found = await lint(Object.fromEntries(cases.map(([, file, text]) => [file, text])));
    for (const [code, filename] of cases) expect(found).toContainEqual({ code, filename });
  });

  it('accepts the environment in the configuration and a default export in a plugin', async () => {
    const found = await lint({
      'src/config.ts': `export const home = process.env['HOME'];\n`,
      'plugins/compressor/none.ts': 'export default { name: 1 };\n',
    });
    expect(found).toEqual([]);
  });
});

const sorted = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((a, b) => a.filename.localeCompare(b.filename) || a.code.localeCompare(b.code));
