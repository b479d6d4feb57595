import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fingerprint, fingerprintTree } from '../../scripts/demo/fingerprint.ts';
import { PostgresPart } from '../../scripts/demo/postgres-part.ts';
import { SqlitePart } from '../../scripts/demo/sqlite-part.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { directorySource, makeRepository, makeWorkload, mutate } from './support/calls.ts';
import { makeNoise, makeTexts, MIB, treeFacts } from './support/files.ts';
import { runBackup, runRestore, verify } from './support/runs.ts';
import { type Scene, startScene } from './support/scene.ts';

interface Application {
  readonly uploads: string;
  readonly configuration: string;
  readonly sqlite: SqlitePart;
  readonly postgres: PostgresPart;
}

const stack = new AsyncDisposableStack();
let scene: Scene;
let application: Application;
let workloadId: string;
let repositoryId: string;

beforeAll(async () => {
  const server = stack.use(await startPostgres());
  scene = stack.use(await startScene());
  application = await makeApplication(scene, await PostgresPart.make(server));
  repositoryId = await makeRepository(scene.api, scene.place.join('repository'));
  const { uploads, configuration, sqlite, postgres } = application;
  workloadId = await makeWorkload(scene.api, 'shop', [
    directorySource('uploads', uploads),
    { name: 'settings', plugin: 'configuration', configuration: { root: scene.place.path, paths: [configuration] } },
    { name: 'archive', plugin: 'sqlite', configuration: { path: sqlite.path } },
    postgres.source,
  ]);
}, 120_000);
afterAll(() => stack.disposeAsync());

async function makeApplication({ place }: Scene, postgres: PostgresPart): Promise<Application> {
  const [uploads, configuration] = [place.join('app/uploads'), place.join('app/config')];
  await makeTexts(`${uploads}/texts`, 300);
  await makeNoise(`${uploads}/scans`, 6, 2 * MIB);
  await mkdir(configuration);
  await writeFile(`${configuration}/.env`, 'APP_KEY=of-the-application\n', { mode: 0o600 });
  return { uploads, configuration, sqlite: new SqlitePart(place.join('app/archive.sqlite')), postgres };
}

async function factsOf({ uploads, configuration, sqlite, postgres }: Application): Promise<Fingerprint> {
  const facts = new Map<string, string>();
  await fingerprintTree(uploads, facts);
  await fingerprintTree(configuration, facts);
  sqlite.fingerprint(facts);
  await postgres.fingerprint(facts);
  return new Fingerprint(facts);
}

describe('an application of files, configuration and two databases', () => {
  test('is backed up, and again without reading what has not changed; lost, and restored to the byte and the row', async () => {
    const { api } = scene;
    const full = await runBackup(api, { workloadId, repositoryId, type: 'FULL' });
    expect(full).toMatchObject({ status: 'SUCCEEDED', attempts: 1, error: null, warnings: [], unchangedFiles: '0' });
    expect(full.sources.map(({ name, content }) => `${name} ${content}`).toSorted()).toEqual([
      'archive DATABASE',
      'people DATABASE',
      'settings CONFIGURATION',
      'uploads FILES',
    ]);

    await writeFile(`${application.uploads}/texts/text-7.txt`, 'corrected\n');
    application.sqlite.change();
    await application.postgres.change();
    const before = await factsOf(application);
    const incremental = await runBackup(api, { workloadId, repositoryId, type: 'INCREMENTAL' });
    expect(incremental).toMatchObject({ status: 'SUCCEEDED', warnings: [], files: full.files });
    expect(Number(incremental.unchangedFiles)).toBeGreaterThanOrEqual(305);
    // The databases are read again, the 12 MiB of scans are not.
    expect(Number(incremental.readBytes)).toBeLessThan(Number(full.readBytes) - 11 * MIB);
    expect(await verify(api, incremental.id)).toMatchObject({ sound: true, damage: [] });

    await rm(scene.place.join('app/uploads'), { recursive: true });
    await rm(scene.place.join('app/config'), { recursive: true });
    await rm(application.sqlite.path);
    await application.postgres.destroy();
    const preview = await mutate<Record<string, string>>(
      api,
      'previewRestore',
      { backupId: incremental.id },
      'RestorePreview',
      'added changed kept conflicts bytes',
    );
    expect(preview).toMatchObject({ changed: '0', kept: '0', conflicts: '0' });
    expect(Number(preview['added'])).toBeGreaterThan(306);

    const restore = await runRestore(api, { backupId: incremental.id, target: { kind: 'IN_PLACE' } });
    expect(restore).toMatchObject({ status: 'SUCCEEDED', attempts: 1, error: null, warnings: [] });
    expect(before.compare(await factsOf(application))).toEqual([]);
  }, 120_000);

  test.each([
    ['DATABASE', ['archive', 'people']],
    ['FILES', ['uploads']],
    ['CONFIGURATION', ['settings']],
  ])('is backed up in part by the type %s', async (type, names) => {
    const backup = await runBackup(scene.api, { workloadId, repositoryId, type });
    expect(backup).toMatchObject({ status: 'SUCCEEDED', error: null, warnings: [] });
    expect(backup.sources.map(({ name }) => name).toSorted()).toEqual(names);
  });

  test('is restored in part, into a directory: by paths, and by sources', async () => {
    const { api, place } = scene;
    const { id } = await runBackup(api, { workloadId, repositoryId });
    const into = (path: string): object => ({ target: { kind: 'DIRECTORY', path: place.join(path) } });

    const paths = ['/files/uploads/texts', '/configuration/settings'];
    const byPaths = await runRestore(api, { backupId: id, paths, ...into('by-paths') });
    expect(byPaths).toMatchObject({ status: 'SUCCEEDED', error: null, warnings: [] });
    expect(Object.keys(await treeFacts(place.join('by-paths/files')))).not.toContain('/uploads/scans');
    const texts = await treeFacts(`${application.uploads}/texts`);
    expect(await treeFacts(place.join('by-paths/files/uploads/texts'))).toEqual(texts);

    const both = { sources: ['uploads'], paths: ['/files'], ...into('both') };
    const preview = await mutate<{ items: { source: string }[] }>(
      api,
      'previewRestore',
      { backupId: id, ...both },
      'RestorePreview',
      'items { source }',
    );
    expect(new Set(preview.items.map(({ source }) => source))).toEqual(new Set(['uploads']));

    const bySources = await runRestore(api, { backupId: id, sources: ['archive', 'people'], ...into('by-sources') });
    expect(bySources).toMatchObject({ status: 'SUCCEEDED', error: null, warnings: [] });
    const names = Object.keys(await treeFacts(place.join('by-sources')));
    expect(names.filter((name) => name.includes('uploads') || name.includes('settings'))).toEqual([]);
    const dump = names.find((name) => name.endsWith('.dump')) ?? 'none';
    expect((await readFile(place.join(`by-sources${dump}`))).subarray(0, 5).toString()).toBe('PGDMP');
  });
});
