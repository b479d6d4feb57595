import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TreeEntry } from '../../src/engine/operations.ts';
import { directorySource, type EngineBench, failureOf, filesBelow, makeBench } from '../support/engine-harness.ts';

let bench: EngineBench;
let snapshotId: string;
beforeAll(async () => {
  bench = await makeBench({ lanes: 1 });
  await bench.create();
  const source = bench.place.join('source');
  mkdirSync(`${source}/many`, { recursive: true });
  for (let index = 0; index < 2500; index++)
    writeFileSync(`${source}/many/${String(index).padStart(4, '0')}`, String(index));
  writeFileSync(Buffer.concat([Buffer.from(`${source}/odd\\`), Buffer.from([0xff])]), 'odd');
  symlinkSync('many/0001', `${source}/link`);
  const other = bench.place.join('other');
  mkdirSync(other);
  writeFileSync(`${other}/.env`, 'SECRET=1');
  const configuration = { ...directorySource(other, 'other'), content: 'CONFIGURATION' as const };
  ({ snapshotId } = await bench.backup([directorySource(source), configuration]));
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

const list = (path: string, limit = 1000, after?: string): Promise<readonly TreeEntry[]> =>
  bench.engine.run('listTree', {
    repository: bench.access,
    snapshotId,
    path,
    limit,
    ...(after !== undefined && { after }),
  });
const stat = (path: string): Promise<TreeEntry> =>
  bench.engine.run('statEntry', { repository: bench.access, snapshotId, path });

describe('looking inside a backup', () => {
  it('starts at the kinds of content and their sources', async () => {
    expect((await list('/')).map(({ path }) => path)).toEqual(['/configuration', '/files']);
    expect((await list('/files')).map(({ path }) => path)).toEqual(['/files/files']);
    expect((await list('/files/files')).map(({ name, kind }) => [name, kind])).toEqual([
      ['link', 'symlink'],
      ['many', 'directory'],
      ['odd\\\\\\xff', 'file'],
    ]);
  });

  it('goes through a large folder by pages', async () => {
    const names: string[] = [];
    for (
      let page = await list('/files/files/many');
      page.length > 0;
      page = await list('/files/files/many', 1000, names.at(-1))
    ) {
      expect(page.length).toBeLessThanOrEqual(1000);
      names.push(...page.map(({ name }) => name));
    }
    expect(names).toEqual(Array.from({ length: 2500 }, (_, index) => String(index).padStart(4, '0')));
  });

  it('tells of one entry', async () => {
    expect(await stat('/files/files/many/0042')).toMatchObject({ name: '0042', kind: 'file', size: 2 });
    expect(await stat('/files/files/link')).toMatchObject({ kind: 'symlink', linkTarget: 'many/0001' });
    expect(await stat('/files/files/odd\\\\\\xff')).toMatchObject({ size: 3 });
    expect(await stat('/')).toMatchObject({ kind: 'directory' });
    expect(await stat('/configuration/other/.env')).toMatchObject({ size: 8, path: '/configuration/other/.env' });
  });

  it.each([
    '/nothing',
    '/files/nothing',
    '/files/files/nothing',
    '/files/files/link/0001',
    '/files/files/..',
    '/database',
  ])('says that there is nothing at %s', async (path) => {
    const failure = await failureOf(stat(path));
    expect([failure.code, failure.details['path']]).toEqual(['SNAPSHOT_PATH_NOT_FOUND', path]);
  });

  it('reads one file, and refuses what is none', async () => {
    const read = async (path: string): Promise<string> =>
      Buffer.concat(
        await Array.fromAsync(bench.engine.readFile({ repository: bench.access, snapshotId, path })),
      ).toString();
    expect(await read('/files/files/many/0042')).toBe('42');
    expect((await failureOf(read('/files/files/many'))).code).toBe('INPUT_INVALID');
    expect((await failureOf(read('/files/files/nothing'))).code).toBe('SNAPSHOT_PATH_NOT_FOUND');
    expect((await failureOf(list('/files/files/link'))).code).toBe('INPUT_INVALID');
  });
});

describe('a selection', () => {
  it('of paths brings back those and what is below them', async () => {
    const out = bench.place.join('paths');
    const selection = { paths: ['/files/files/many/0007', '/files/files/link', '/configuration'] };
    const target = { kind: 'directory', path: out } as const;
    const preview = await bench.engine.run('previewRestore', bench.restoreInput(snapshotId, { selection, target }));
    expect(preview.counts).toMatchObject({ CHANGE: 0, KEEP: 0, CONFLICT: 0 });
    expect(preview.bytes).toBe(9);
    expect(filesBelow(out).size).toBe(0);
    await bench.restore(snapshotId, { selection, target });
    expect((await readdir(out, { recursive: true })).toSorted()).toEqual([
      'configuration',
      'configuration/other',
      'configuration/other/.env',
      'files',
      'files/files',
      'files/files/link',
      'files/files/many',
      'files/files/many/0007',
    ]);
    expect(await readFile(`${out}/configuration/other/.env`, 'utf8')).toBe('SECRET=1');

    const again = bench.restoreInput(snapshotId, { selection, target });
    expect((await bench.engine.run('previewRestore', again)).counts.CONFLICT).toBeGreaterThan(0);
    expect((await failureOf(bench.engine.run('restore', again))).code).toBe('RESTORE_CONFLICT');
    expect(await bench.engine.run('restore', { ...again, policy: 'OVERWRITE' })).toMatchObject({ warnings: [] });
  }, 60_000);

  it('of sources brings back those; of what is not there, nothing', async () => {
    const out = bench.place.join('sources');
    const target = { kind: 'directory', path: out } as const;
    await bench.restore(snapshotId, { selection: { sources: ['other'] }, target });
    expect(await readdir(out)).toEqual(['configuration']);
    const missing = bench.restore(snapshotId, { selection: { paths: ['/files/files/nothing'] } });
    expect((await failureOf(missing)).code).toBe('SNAPSHOT_PATH_NOT_FOUND');
    const unknown = bench.restore(snapshotId, { selection: { sources: ['nobody'] } });
    expect((await failureOf(unknown)).code).toBe('INPUT_INVALID');
    expect((await failureOf(bench.restore('0'.repeat(32)))).code).toBe('SNAPSHOT_NOT_FOUND');
  });
});
