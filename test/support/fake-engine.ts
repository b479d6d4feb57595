/** An engine that keeps everything in memory and does what a test tells it: fail, wait, report progress. */
import { StrongroomError } from '../../src/errors.ts';
import type {
  BackupInput,
  BackupResult,
  Bandwidth,
  Engine,
  EngineInput,
  EngineOperation,
  EngineOutput,
  EngineOperations,
  Progress,
  RepositoryAccess,
  RepositoryDesign,
  RunOptions,
  SourceSummary,
  TreeEntry,
} from '../../src/engine/operations.ts';

/** A run that waits until the test lets it go. */
export interface HeldRun {
  /** Resolves when the run has begun. */
  readonly started: Promise<void>;
  /** Reports progress as the engine would. Only while the run is held. */
  progress(progress: Progress): void;
  /** Lets the run go on to its end, or to `error`. */
  release(error?: StrongroomError): void;
}

export interface FakeEngine extends Engine {
  /** Every run in the order of its start. */
  readonly calls: readonly { readonly operation: EngineOperation; readonly input: unknown }[];
  /** The limits set last: of each repository, by its own id, and of lanes. */
  readonly limits: { readonly bandwidth: Map<string, Bandwidth>; lanes: number | undefined };
  /** The next run of `operation` rejects with `error`. */
  failNext(operation: EngineOperation, error: StrongroomError): void;
  /** The next run of `operation` answers `output`. */
  answerNext<O extends EngineOperation>(operation: O, output: EngineOutput<O>): void;
  /** The next run of `operation` waits; an aborted one rejects with `CANCELLED` at once. */
  hold(operation: EngineOperation): HeldRun;
  /** Bytes of the files that every snapshot holds, by path as text. May be changed by the test. */
  readonly files: Map<string, Uint8Array>;
  /** Path whose `readFile` fails with `REPOSITORY_DAMAGED` after its first chunk. */
  damagedFile: string | undefined;
}

interface FakeRepository {
  readonly repositoryId: string;
  readonly key: string;
  readonly design: RepositoryDesign;
  readonly slots: { slot: string; kind: 'passphrase' | 'keyFile' | 'none'; createdAt: string }[];
  readonly snapshots: Set<string>;
}

interface Hold extends HeldRun {
  readonly gate: Promise<StrongroomError | undefined>;
  begin(report: (progress: Progress) => void): void;
}

const createdAt = '2026-01-02T03:04:05.000Z';

function makeHold(): Hold {
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<StrongroomError | undefined>();
  let report: (progress: Progress) => void = () => undefined;
  return {
    started: started.promise,
    gate: gate.promise,
    begin(given) {
      report = given;
      started.resolve();
    },
    progress: (progress) => report(progress),
    release: (error) => gate.resolve(error),
  };
}

const locationOf = (access: RepositoryAccess): string => JSON.stringify(access.storage);
const keyText = (access: RepositoryAccess): string =>
  access.key.kind === 'keyFile' ? Buffer.from(access.key.content).toString('hex') : JSON.stringify(access.key);

/** Makes one. Nothing outlives it. */
export function createFakeEngine(): FakeEngine {
  const calls: { operation: EngineOperation; input: unknown }[] = [];
  const failures = new Map<EngineOperation, StrongroomError[]>();
  const answers = new Map<EngineOperation, unknown[]>();
  const holds = new Map<EngineOperation, Hold[]>();
  const repositories = new Map<string, FakeRepository>();
  const limits: FakeEngine['limits'] = { bandwidth: new Map(), lanes: undefined };
  const files = new Map<string, Uint8Array>([
    ['/files/uploads/a.txt', Buffer.from('first file\n')],
    ['/files/uploads/b.txt', Buffer.from('second file\n')],
    ['/files/uploads/deep/c.bin', Buffer.alloc(300_000, 7)],
  ]);

  const open = (access: RepositoryAccess): FakeRepository => {
    const location = locationOf(access);
    const found = repositories.get(location);
    if (found === undefined) throw new StrongroomError('REPOSITORY_MISSING', { location });
    if (found.key !== keyText(access)) throw new StrongroomError('REPOSITORY_KEY_WRONG', { kind: access.key.kind });
    return found;
  };
  const facts = (found: FakeRepository): EngineOutput<'checkRepository'> => ({
    repositoryId: found.repositoryId,
    formatVersion: 1,
    compressor: found.design.compressor.plugin,
    encryptor: found.design.encryptor.plugin,
    keySlots: found.slots.map((slot) => ({ ...slot })),
    snapshots: found.snapshots.size,
    storedBytes: 4096 * (found.snapshots.size + 1),
    freeBytes: 1_000_000_000,
  });

  const operations: EngineOperations = {
    createRepository({ repository, design }) {
      const location = locationOf(repository);
      if (repositories.has(location)) throw new StrongroomError('REPOSITORY_EXISTS', { location });
      const made: FakeRepository = {
        repositoryId: (repositories.size + 1).toString(16).padStart(32, '0'),
        key: keyText(repository),
        design,
        slots: [{ slot: 'slot-1', kind: repository.key.kind, createdAt }],
        snapshots: new Set(),
      };
      repositories.set(location, made);
      return facts(made);
    },
    checkRepository: ({ repository }) => facts(open(repository)),
    addRepositoryKey({ repository, added }) {
      const { slots } = open(repository);
      const slot = { slot: `slot-${slots.length + 1}`, kind: added.kind, createdAt };
      slots.push(slot);
      return slot;
    },
    removeRepositoryKey({ repository, slot }) {
      const { slots } = open(repository);
      if (slots.length === 1) throw new StrongroomError('REPOSITORY_KEY_LAST', { slot });
      const at = slots.findIndex((one) => one.slot === slot);
      if (at < 0) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'key slot', id: slot });
      slots.splice(at, 1);
      return null;
    },
    backup(input) {
      open(input.repository).snapshots.add(input.backupId);
      return backupResult(input, files);
    },
    restore: ({ keepPrevious: previousKept }) => ({
      files: files.size,
      bytes: 300_023,
      tables: [],
      previousKept,
      warnings: [],
      warningCount: 0,
    }),
    previewRestore: () => ({
      items: [...files].map(([path, bytes]) => ({
        action: 'ADD' as const,
        subject: path,
        bytes: bytes.length,
        source: 'uploads',
      })),
      counts: { ADD: files.size, CHANGE: 0, KEEP: 0, DROP: 0, CONFLICT: 0, NOTE: 0 },
      bytes: 300_023,
    }),
    revertRestore: () => null,
    discardPrevious: () => null,
    verify: () => ({ sound: true, objectsRead: 3, bytesRead: 300_023, damage: [] }),
    deleteSnapshot({ repository, snapshotId }) {
      open(repository).snapshots.delete(snapshotId);
      return null;
    },
    listTree: ({ path, after, limit }) =>
      children(files, path)
        .filter((entry) => after === undefined || entry.name > after)
        .slice(0, limit),
    statEntry({ path }) {
      const parent = path.slice(0, path.lastIndexOf('/')) || '/';
      const found = children(files, parent).find((entry) => entry.path === path);
      if (found === undefined) throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path });
      return found;
    },
    checkSource: () => null,
    discoverSource: () => [{ kind: 'directory', name: 'uploads', bytes: 300_023 }],
  };

  return {
    calls,
    files,
    damagedFile: undefined,
    limits,
    limitBandwidth: (repositoryId, bandwidth) => void limits.bandwidth.set(repositoryId, bandwidth),
    limitLanes: (lanes) => void (limits.lanes = lanes),
    failNext: (operation, error) => push(failures, operation, error),
    answerNext: (operation, output) => push(answers, operation, output),
    hold(operation) {
      const hold = makeHold();
      push(holds, operation, hold);
      return hold;
    },
    async run<O extends EngineOperation>(operation: O, input: EngineInput<O>, options: RunOptions = {}) {
      calls.push({ operation, input });
      const hold = holds.get(operation)?.shift();
      if (hold !== undefined) {
        hold.begin((progress) => options.onProgress?.(progress));
        const error = await Promise.race([hold.gate, cancelled(options.signal)]);
        if (error !== undefined) throw error;
      }
      if (options.signal?.aborted === true) throw new StrongroomError('CANCELLED', {});
      const failure = failures.get(operation)?.shift();
      if (failure !== undefined) throw failure;
      const answer = answers.get(operation)?.shift();
      if (answer !== undefined) return answer as EngineOutput<O>;
      const perform = operations[operation] as (given: EngineInput<O>) => EngineOutput<O>;
      return perform(input);
    },
    async *readFile({ path }) {
      const bytes = files.get(path);
      if (bytes === undefined) throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path });
      for (let at = 0; at < bytes.length; at += 65_536) {
        yield await Promise.resolve(bytes.subarray(at, at + 65_536));
        if (this.damagedFile === path) {
          throw new StrongroomError('REPOSITORY_DAMAGED', { object: 'data/00', offset: at, reason: 'a test says so' });
        }
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function cancelled(signal: AbortSignal | undefined): Promise<StrongroomError> {
  const { promise, resolve } = Promise.withResolvers<StrongroomError>();
  const stop = (): void => resolve(new StrongroomError('CANCELLED', {}));
  if (signal?.aborted === true) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  return promise;
}

function backupResult(input: BackupInput, files: ReadonlyMap<string, Uint8Array>): BackupResult {
  const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
  const sources: SourceSummary[] = input.sources.map((source) => ({
    name: source.name,
    content: source.content,
    plugin: source.plugin,
    files: files.size,
    directories: 2,
    bytes,
    tables: source.content === 'DATABASE' ? [{ name: 'public.orders', rows: 12, bytes: 2048 }] : [],
  }));
  return {
    snapshotId: input.backupId,
    checksum: 'c'.repeat(64),
    sources,
    logicalBytes: bytes,
    readBytes: input.parent === undefined ? bytes : 0,
    addedBytes: input.parent === undefined ? bytes : 0,
    storedBytes: 5000,
    files: files.size,
    unchangedFiles: input.parent === undefined ? 0 : files.size,
    warnings: [],
    warningCount: 0,
  };
}

/** What lies directly in a folder, by name. */
function children(files: ReadonlyMap<string, Uint8Array>, folder: string): TreeEntry[] {
  const prefix = folder === '/' ? '/' : `${folder}/`;
  const found = new Map<string, TreeEntry>();
  for (const [path, bytes] of files) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...rest] = path.slice(prefix.length).split('/');
    found.set(
      name,
      rest.length > 0
        ? { name, path: prefix + name, kind: 'directory', size: 0, mode: 0o755, modifiedAt: createdAt }
        : { name, path, kind: 'file', size: bytes.length, mode: 0o644, modifiedAt: createdAt },
    );
  }
  if (found.size === 0 && folder !== '/') throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path: folder });
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
