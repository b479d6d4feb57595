/** The engine as the service has it, over a repository in a folder that vanishes with the test. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createEngine, type EngineSettings } from '../../src/engine/host.ts';
import type {
  BackupInput,
  BackupResult,
  Engine,
  PluginChoice,
  RepositoryAccess,
  RepositoryDesign,
  RestoreInput,
  RestoreResult,
  RunOptions,
  SourceChoice,
  VerifyResult,
} from '../../src/engine/operations.ts';
import type { Timer } from '../../src/engine/throttle.ts';
import { asStrongroomError, type StrongroomError } from '../../src/errors.ts';
import { encodeDescription } from '../../src/repository/description.ts';
import { openRepository } from '../../src/repository/index.ts';
import filesystem from '../../plugins/storage/filesystem.ts';
import { codecs } from './repository-harness.ts';
import { makeTempDir, type TempDir } from './temp-dir.ts';

/** Absolute path of a plugin module in test/fixtures/engine. */
export const fixturePlugin = (name: string): string => resolve('test/fixtures/engine', `${name}.ts`);

export const key: RepositoryAccess['key'] = { kind: 'keyFile', content: Buffer.alloc(32, 5) };
const design: RepositoryDesign = {
  compressor: { plugin: 'zstd', configuration: {} },
  encryptor: { plugin: 'aes-256-gcm', configuration: {} },
};

export interface EngineBench extends AsyncDisposable {
  readonly place: TempDir;
  readonly engine: Engine;
  readonly settings: EngineSettings;
  readonly access: RepositoryAccess;
  create(changes?: Partial<RepositoryDesign>): Promise<void>;
  /** As `create`, with chunks, blocks and packs so small that little data takes many of each. */
  createSmall(): Promise<void>;
  backupInput(sources: readonly SourceChoice[], changes?: Partial<BackupInput>): BackupInput;
  backup(sources: readonly SourceChoice[], changes?: Partial<BackupInput>, options?: RunOptions): Promise<BackupResult>;
  verify(snapshotId: string): Promise<VerifyResult>;
  restoreInput(snapshotId: string, changes?: Partial<RestoreInput>): RestoreInput;
  /** Into the directory `out` of the place, unless `changes` say otherwise. */
  restore(snapshotId: string, changes?: Partial<RestoreInput>): Promise<RestoreResult>;
  /** Paths of the repository's objects below a prefix, with their sizes. */
  objects(prefix: string): Map<string, number>;
}

export interface BenchOptions {
  readonly pluginModules?: readonly string[];
  readonly storage?: (path: string) => PluginChoice;
  readonly lanes?: number;
  /** Paces what is limited; the machine's own when absent. */
  readonly timer?: Timer;
}

export async function makeBench({
  pluginModules = [],
  storage,
  lanes = 2,
  timer,
}: BenchOptions = {}): Promise<EngineBench> {
  const place = await makeTempDir('engine');
  mkdirSync(place.join('data'));
  const settings: EngineSettings = {
    pluginModules,
    roots: [place.path],
    dataDirectory: place.join('data'),
    lanes,
    program: 'test',
  };
  const engine = createEngine(settings, timer);
  const path = place.join('repository');
  const access: RepositoryAccess = {
    storage: storage?.(path) ?? { plugin: 'filesystem', configuration: { path } },
    key,
  };
  const bench: EngineBench = {
    place,
    engine,
    settings,
    access,
    async create(changes) {
      await engine.run('createRepository', { repository: access, design: { ...design, ...changes } });
    },
    async createSmall() {
      await bench.create();
      await using opened = await filesystem.create({ path }, { allowedPath: async (allowed) => allowed });
      const { description, keys } = await openRepository(opened, codecs, key, { location: 'a test' });
      const chunker = { name: 'gear32', min: 4096, average: 8192, max: 32_768 } as const;
      const small = { ...description, chunker, blockSize: 65_536, packSize: 2 ** 20 };
      writeFileSync(join(path, 'repository.json'), encodeDescription(small, keys.description));
    },
    backupInput: (sources, changes) => ({
      repository: access,
      backupId: randomUUID(),
      type: 'FULL',
      workload: 'test',
      sources,
      selection: {},
      resume: false,
      startedAt: '2026-01-02T03:04:05.000Z',
      ...changes,
    }),
    backup: (sources, changes, options) => engine.run('backup', bench.backupInput(sources, changes), options),
    verify: (snapshotId) => engine.run('verify', { repository: access, snapshotId }),
    restoreInput: (snapshotId, changes) => ({
      repository: access,
      restoreId: randomUUID(),
      snapshotId,
      sources: [],
      selection: {},
      target: { kind: 'directory', path: place.join('out') },
      policy: 'FAIL',
      keepPrevious: false,
      ...changes,
    }),
    restore: (snapshotId, changes) => engine.run('restore', bench.restoreInput(snapshotId, changes)),
    objects: (prefix) =>
      new Map(
        [...filesBelow(path)].filter(([name]) => name.startsWith(prefix)).map(([name, { size }]) => [name, size]),
      ),
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
  return bench;
}

export const directorySource = (path: string, name = 'files'): SourceChoice => ({
  plugin: 'directory',
  configuration: { path },
  name,
  content: 'FILES',
});

/** A source of one stream of reproducible bytes that do not compress: see test/fixtures/engine/generated-source.ts. */
export const generatedSource = (configuration: {
  readonly bytes: number;
  readonly seed?: string;
  readonly waitAt?: number;
  readonly deaf?: boolean;
}): SourceChoice => ({ plugin: 'generated', configuration, name: 'generated', content: 'DATABASE' });

/** The error that `work` fails with. */
export async function failureOf(work: Promise<unknown>): Promise<StrongroomError> {
  const [result] = await Promise.allSettled([work]);
  if (result?.status !== 'rejected') throw new Error('It did not fail.');
  return asStrongroomError(result.reason);
}

/** Files below a directory by relative path; none where there is no directory. */
export function filesBelow(path: string): Map<string, { readonly path: string; readonly size: number }> {
  const files = new Map<string, { readonly path: string; readonly size: number }>();
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return files;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size !== undefined) files.set(file.slice(path.length + 1), { path: file, size });
  }
  return files;
}

/** What lies below a directory, as text that two equal trees have in common: names (latin1), kinds, modes, times, contents. */
export function treeText(path: string): readonly string[] {
  const root = Buffer.from(path);
  const lines: string[] = [];
  const walk = (at: Buffer): void => {
    for (const name of readdirSync(at, { encoding: 'buffer' }).toSorted((a, b) => Buffer.compare(a, b))) {
      const child = Buffer.concat([at, Buffer.from('/'), name]);
      const facts = statSync(child, { bigint: true, throwIfNoEntry: false });
      const shown = child.subarray(root.length).toString('latin1');
      const link = linkTarget(child);
      if (link !== undefined) lines.push(`${shown} -> ${link}`);
      else if (facts?.isDirectory() === true) {
        lines.push(`${shown}/ ${facts.mode}`);
        walk(child);
      } else
        lines.push(
          `${shown} ${facts?.mode} ${facts?.mtimeNs} ${createHash('sha256').update(readFileSync(child)).digest('hex')}`,
        );
    }
  };
  walk(root);
  return lines;
}

function linkTarget(path: Buffer): string | undefined {
  try {
    return readlinkSync(path, { encoding: 'latin1' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EINVAL') return undefined;
    throw error;
  }
}
