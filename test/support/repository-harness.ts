/** Repositories for tests of the engine's inside: in memory, with lanes in the test's own thread. */
import { randomUUID } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import directory from '../../plugins/source/directory/index.ts';
import type { SourceEntry, SourceYield, StorageTarget, Warning } from '../../src/contracts/index.ts';
import { codecsOf } from '../../src/engine/codecs.ts';
import { loadPlugins } from '../../src/plugins.ts';
import {
  BackupWriter,
  ChunkLocator,
  createRepository,
  isDamage,
  LanePool,
  type LaneSpawner,
  type ManifestSource,
  newCounters,
  type OpenedRepository,
  readContent,
  readSnapshot,
  RestoreReader,
  serveLane,
  type SlotKey,
  type Snapshot,
  snapshotName,
  verifySnapshot,
  walkSource,
  Warnings,
  writeSnapshot,
} from '../../src/repository/index.ts';
import type { RepositorySecrets } from '../../src/repository/opened-repository.ts';
import { packCapacity } from '../../src/repository/pack-writer.ts';
import { memoryStorage } from './memory-storage.ts';

export const codecs = codecsOf(await loadPlugins([]));

/** A key file: opening it costs nothing, unlike a passphrase. */
export const testKey: SlotKey = { kind: 'keyFile', content: Buffer.alloc(32, 7) };
export const location = { location: 'a test' };

/** An empty repository; by default in memory, with zstd and AES. */
export function makeRepository(
  storage: StorageTarget = memoryStorage(),
  { compressor = 'zstd', encryptor = 'aes-256-gcm', key = testKey } = {},
): Promise<OpenedRepository> {
  const design = {
    compressor: { name: compressor, configuration: {} },
    encryptor: { name: encryptor, configuration: {} },
  };
  return createRepository(storage, codecs, design, key, new Date('2026-01-02T03:04:05.000Z'), 'a test');
}

/** The same repository cutting content into tiny chunks. */
export const withTinyChunks = (
  repository: OpenedRepository,
  chunker = { name: 'gear32' as const, min: 64, average: 128, max: 256 },
): OpenedRepository => ({ ...repository, description: { ...repository.description, chunker } });

/** Buffers that a lane has ahead: it can't wait for one in a thread that it shares with its coordinator. */
const AHEAD = 3;

/** A lane in this thread; good for some packs a task and 16,000 chunks: it could not wait for more. */
export const lanesInThisThread: LaneSpawner = (setup) => {
  const main = new MessageChannel();
  const supply = new MessageChannel();
  serveLane(setup, { main: main.port2, supply: supply.port2 }, codecs);
  for (let count = 0; count < AHEAD && setup.chunks.length > 0; count++) {
    const buffer = new SharedArrayBuffer(packCapacity(setup.repository.description));
    supply.port1.postMessage({ kind: 'buffer', buffer });
  }
  return {
    post: (message, transfer) => main.port1.postMessage(message, transfer),
    supply: (message) => supply.port1.postMessage(message),
    onMessage: (listener) => void main.port1.on('message', listener),
    onEnd: () => undefined,
    async terminate() {
      main.port1.close();
      supply.port1.close();
    },
    rest() {
      main.port1.close();
      supply.port1.close();
    },
  };
};

/** Lanes for reading, in this thread. */
export const readingLanes = ({ description, keys }: RepositorySecrets): LanePool =>
  new LanePool({
    repository: { description, keys },
    spawn: lanesInThisThread,
    lanes: 1,
    chunks: [],
    buffers: { length: 0, count: 0 },
    onPack: () => undefined,
    onLevel: () => undefined,
  });

export interface TestBackupOptions {
  readonly parent?: Snapshot;
  readonly resume?: boolean;
  readonly warnings?: Warnings;
}

/** Backs up named sources of entries; answers the snapshot as it is read back. */
export async function backUp(
  repository: OpenedRepository,
  sources: Readonly<Record<string, AsyncIterable<SourceYield> | Iterable<SourceYield>>>,
  { parent, resume = false, warnings = new Warnings() }: TestBackupOptions = {},
): Promise<Snapshot> {
  const counters = newCounters();
  const { signal } = new AbortController();
  const options = { spawn: lanesInThisThread, lanes: 1, signal, counters, warnings, resume };
  await using writer = await BackupWriter.open(repository, options);
  const manifests: ManifestSource[] = [];
  let unchangedFiles = 0;
  for (const [name, entries] of Object.entries(sources)) {
    const before = parent?.sources.find((source) => source.name === name);
    const { unchangedFiles: unchanged, ...totals } = await writer.source(eachOf(entries), before?.root);
    unchangedFiles += unchanged;
    manifests.push({ name, content: 'FILES', plugin: 'test', tables: [], ...totals });
  }
  await writer.finish();
  const backupId = randomUUID();
  const id = snapshotName(backupId);
  const files = manifests.reduce((sum, source) => sum + source.files, 0);
  const logicalBytes = manifests.reduce((sum, source) => sum + source.bytes, 0);
  const { readBytes, storedBytes } = writer;
  await writeSnapshot(repository, {
    version: 1,
    id,
    backupId,
    type: 'FULL',
    workload: 'test',
    startedAt: '2026-01-02T03:04:05.000Z',
    completedAt: '2026-01-02T03:04:06.000Z',
    ...(parent !== undefined && { parent: parent.id }),
    program: 'test',
    sources: manifests,
    statistics: { logicalBytes, readBytes, addedBytes: counters.addedBytes, storedBytes, files, unchangedFiles },
    warnings: warnings.kept,
    warningCount: warnings.count,
  });
  return await readSnapshot(repository, id);
}

async function* eachOf<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

/** What came back of a snapshot: contents by path, `link -> target`, `directory`; and what did not. */
export interface ReadBack {
  readonly entries: Map<string, Buffer | string>;
  readonly damage: { readonly path: string; readonly error: unknown }[];
}

/** Reads every entry of a source; paths are latin1, so that any bytes show. */
export async function readBack(repository: OpenedRepository, source: ManifestSource | undefined): Promise<ReadBack> {
  if (source === undefined) throw new Error('There is no such source.');
  const locator = await ChunkLocator.open(repository);
  const entries = new Map<string, Buffer | string>();
  const damage: ReadBack['damage'] = [];
  const noted = (path: Buffer, error: unknown): void => {
    if (!isDamage(error)) throw error;
    damage.push({ path: path.toString('latin1'), error });
  };
  for await (const entry of walkSource(source, locator, [], noted)) {
    const path = entry.path.toString('latin1');
    if (entry.kind === 'directory') entries.set(path, 'directory');
    else if (entry.kind === 'symlink') entries.set(path, `link -> ${entry.target?.toString('latin1') ?? ''}`);
    else {
      try {
        entries.set(path, Buffer.concat(await Array.fromAsync(readContent(entry, locator))));
      } catch (error) {
        noted(entry.path, error);
      }
    }
  }
  return { entries, damage };
}

/** Restores a source below `target` with the directory plugin; answers the warnings. */
export async function restoreTo(
  repository: OpenedRepository,
  source: ManifestSource,
  target: string,
): Promise<readonly Warning[]> {
  const warnings: Warning[] = [];
  const locator = await ChunkLocator.open(repository);
  await using pool = readingLanes(repository);
  const reader = new RestoreReader(repository, locator, pool);
  const host = { allowedPath: async (path: string) => path };
  await using plugin = await directory.create(directory.configuration.parse({ path: target }), host);
  const walk = walkSource(source, locator, [], (path, error) => {
    if (!isDamage(error)) throw error;
    warnings.push({ code: error.code, subject: path.toString('latin1'), message: error.message });
  });
  async function* entries() {
    for await (const entry of walk) yield reader.entry(entry);
  }
  await plugin.restore(
    entries(),
    { target: { kind: 'directory', path: target }, policy: 'FAIL' },
    {
      signal: new AbortController().signal,
      scratch: target,
      warn: (warning) => void warnings.push(warning),
      expect: () => undefined,
      restoreId: randomUUID(),
      durable: false,
      done: () => undefined,
      keepPrevious: false,
      step: () => undefined,
      kept: () => undefined,
      table: () => undefined,
    },
  );
  return warnings;
}

/** Verification at level DATA. */
export async function verified(repository: OpenedRepository, snapshot: Snapshot) {
  await using pool = readingLanes(repository);
  return await verifySnapshot(repository, snapshot, pool, newCounters(), new AbortController().signal);
}

export const rootEntry: SourceEntry = { kind: 'directory', path: Buffer.alloc(0), metadata: { mode: 0o755 } };

/** A file whose bytes come as a stream. */
export const fileEntry = (path: string | Buffer, content: Uint8Array | string): SourceEntry => ({
  kind: 'file',
  path: Buffer.from(path),
  metadata: { mode: 0o644 },
  content: {
    async *stream() {
      yield Buffer.from(content);
    },
  },
});
export const directoryEntry = (path: string | Buffer): SourceEntry => ({
  kind: 'directory',
  path: Buffer.from(path),
  metadata: { mode: 0o755 },
});
