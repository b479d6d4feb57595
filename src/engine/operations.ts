/**
 * What the rest of the service asks of the engine. Each operation runs in a thread of its own, so that the API answers
 * meanwhile; inputs and outputs are plain data that cross threads by structured clone.
 */
import type {
  ConflictPolicy,
  ContentKind,
  DiscoveredItem,
  PreviewItem,
  ReadSelection,
  RestoreTarget,
  TableInfo,
  Warning,
} from '../contracts/index.ts';

/** A plugin with its configuration, secrets open. Lives in memory only. */
export interface PluginChoice {
  readonly plugin: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** What opens a repository: its passphrase, or the content of a key file (any bytes, at least 32). */
export type RepositoryKey =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'keyFile'; readonly content: Uint8Array }
  /** For repositories whose encryptor keeps nothing secret. */
  | { readonly kind: 'none' };

/** Bytes a second at most; undefined where there is no limit. */
export interface Bandwidth {
  /** To the storage target. */
  readonly upload: number | undefined;
  /** From the storage target. */
  readonly download: number | undefined;
}

/** What it takes to work with a repository. */
export interface RepositoryAccess {
  readonly storage: PluginChoice;
  readonly key: RepositoryKey;
  /** The repository's id, once known: another one found there is refused with `REPOSITORY_MISMATCH`. */
  readonly repositoryId?: string;
  /** The limits as they were known last, see `Engine.limitBandwidth`; those known here hold on when absent. */
  readonly bandwidth?: Bandwidth;
}

/** How a new repository stores its data. */
export interface RepositoryDesign {
  readonly compressor: PluginChoice;
  /** Level for the compressor; when absent, the one that suits each block. */
  readonly compressionLevel?: number;
  readonly encryptor: PluginChoice;
}

export interface RepositoryFacts {
  /** The repository's own id: 32 hex digits. */
  readonly repositoryId: string;
  readonly formatVersion: number;
  readonly compressor: string;
  readonly encryptor: string;
  readonly keySlots: readonly KeySlotFacts[];
  /** The slot that the given key opened, where the engine tells. */
  readonly openedBy?: string;
  readonly snapshots: number;
  /** Bytes of all objects in the repository. */
  readonly storedBytes: number;
  readonly freeBytes?: number;
}

export interface KeySlotFacts {
  readonly slot: string;
  readonly kind: 'passphrase' | 'keyFile' | 'none';
  readonly createdAt: string;
}

/** One source of a workload, ready to be run. */
export interface SourceChoice extends PluginChoice {
  /** Unique in its workload; names the source's tree in the snapshot. Lower case letters, digits, dashes. */
  readonly name: string;
  readonly content: ContentKind;
}

export interface BackupInput {
  readonly repository: RepositoryAccess;
  /** UUID of the backup; its snapshot gets the same id, which makes a retry find what is done. */
  readonly backupId: string;
  readonly type: 'FULL' | 'DATABASE' | 'FILES' | 'CONFIGURATION' | 'INCREMENTAL';
  readonly workload: string;
  readonly sources: readonly SourceChoice[];
  readonly selection: ReadSelection;
  /** Snapshot to compare with; files that have not changed since are not read. */
  readonly parent?: string;
  /** True on every attempt but the first: packs that an earlier attempt stored are looked for and used. */
  readonly resume: boolean;
  readonly startedAt: string;
}

/** One source's part in a snapshot. */
export interface SourceSummary {
  readonly name: string;
  readonly content: ContentKind;
  readonly plugin: string;
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  readonly tables: readonly TableInfo[];
}

export interface BackupResult {
  readonly snapshotId: string;
  /** Merkle root: 64 hex digits. */
  readonly checksum: string;
  readonly sources: readonly SourceSummary[];
  /** Bytes of everything backed up, as a restore would write it. */
  readonly logicalBytes: number;
  /** Bytes that were really read from the sources. */
  readonly readBytes: number;
  /** Bytes of chunks that the repository did not hold, before compression. */
  readonly addedBytes: number;
  /** Bytes written to the repository. */
  readonly storedBytes: number;
  readonly files: number;
  /** Files taken over from the parent unread. */
  readonly unchangedFiles: number;
  /** The first 1,000; `warningCount` counts all. */
  readonly warnings: readonly Warning[];
  readonly warningCount: number;
}

/** What part of a snapshot. Nothing given means everything; with both given, what both name. */
export interface SnapshotSelection {
  /** Names of sources; all when absent. */
  readonly sources?: readonly string[];
  /**
   * Paths inside the snapshot as text (see `pathToText`): `/files/uploads/2024`. A path takes all that is below it.
   * One that is not there fails with `SNAPSHOT_PATH_NOT_FOUND`.
   */
  readonly paths?: readonly string[];
}

export interface RestoreInput {
  readonly repository: RepositoryAccess;
  readonly restoreId: string;
  readonly snapshotId: string;
  /** The workload's sources as configured now, by the name they have in the snapshot. Not needed for a `directory` target. */
  readonly sources: readonly SourceChoice[];
  readonly selection: SnapshotSelection;
  /** A `directory` target gets `<path>/<files|database|configuration>/<source>/…`. */
  readonly target: RestoreTarget;
  readonly policy: ConflictPolicy;
  /** Patterns of tables of databases; all when absent. The other tables stay as they are. */
  readonly includeTables?: readonly string[];
  /** Whether databases that are replaced stay, out of the way, for `revertRestore`. */
  readonly keepPrevious: boolean;
}

export interface PreviewInput extends RestoreInput {
  /** Whether rows at the target are to be counted, not estimated. */
  readonly exactRows?: boolean;
}

/** What a restore has replaced and kept. */
export interface KeptInput {
  readonly restoreId: string;
  /** The sources that it may have replaced, as they are configured now. */
  readonly sources: readonly SourceChoice[];
}

export interface RestoreResult {
  /** Whether something was replaced and is kept. */
  readonly previousKept: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly tables: readonly TableInfo[];
  readonly warnings: readonly Warning[];
  readonly warningCount: number;
}

export interface PreviewResult {
  /** The first 1,000; the counts are of all. */
  readonly items: readonly (PreviewItem & { readonly source: string })[];
  readonly counts: Readonly<Record<PreviewItem['action'], number>>;
  /** Bytes that would be written. */
  readonly bytes: number;
}

export interface VerifyInput {
  readonly repository: RepositoryAccess;
  readonly snapshotId: string;
}

/** One object found missing or damaged. */
export interface Damage {
  /** Key of the object in the storage target. */
  readonly object: string;
  readonly offset?: number;
  readonly reason: string;
  /** Paths of the verified snapshot that need it; the first 100. */
  readonly paths: readonly string[];
}

export interface VerifyResult {
  /** Every byte read, opened and hashed, and nothing was wrong. */
  readonly sound: boolean;
  readonly objectsRead: number;
  readonly bytesRead: number;
  readonly damage: readonly Damage[];
}

/** An entry of a backup's tree as the API shows it. */
export interface TreeEntry {
  /** Last segment of the path, as text. */
  readonly name: string;
  /** Whole path as text: `/files/uploads/a.txt`. */
  readonly path: string;
  readonly kind: 'directory' | 'symlink' | 'file';
  readonly size: number;
  readonly mode?: number;
  /** ISO 8601. */
  readonly modifiedAt?: string;
  readonly linkTarget?: string;
}

export interface TreeInput {
  readonly repository: RepositoryAccess;
  readonly snapshotId: string;
  /** Path as text; `/` lists the content kinds. */
  readonly path: string;
  /** Name to start after, for paging. */
  readonly after?: string;
  /** At most 1,000. */
  readonly limit: number;
}

/** How far a run is. Sent at most five times a second. */
export interface Progress {
  readonly phase: 'PREPARING' | 'READING' | 'WRITING' | 'VERIFYING' | 'FINISHING';
  /** What is being worked on: a path as text, a table. */
  readonly currentItem?: string;
  readonly itemsDone: number;
  readonly itemsTotal?: number;
  readonly bytesDone: number;
  readonly bytesTotal?: number;
  /** Backup only: bytes new to the repository. */
  readonly addedBytes?: number;
  readonly warningCount: number;
}

/** Every operation: what it takes and what it gives. All reject with a `StrongroomError`. */
export interface EngineOperations {
  /** Makes an empty repository. `REPOSITORY_EXISTS` if there is one. */
  createRepository(input: {
    readonly repository: RepositoryAccess;
    readonly design: RepositoryDesign;
  }): RepositoryFacts;
  /** Opens a repository, checks that its storage can be written, and tells what is in it. */
  checkRepository(input: { readonly repository: RepositoryAccess }): RepositoryFacts;
  /** Adds a key slot. */
  addRepositoryKey(input: { readonly repository: RepositoryAccess; readonly added: RepositoryKey }): KeySlotFacts;
  /** Removes a key slot; never the last (`REPOSITORY_KEY_LAST`). */
  removeRepositoryKey(input: { readonly repository: RepositoryAccess; readonly slot: string }): null;
  backup(input: BackupInput): BackupResult;
  restore(input: RestoreInput): RestoreResult;
  previewRestore(input: PreviewInput): PreviewResult;
  /** Brings back what a restore with `keepPrevious` has replaced; `RESTORE_NOT_KEPT` where no source has anything kept. */
  revertRestore(input: KeptInput): null;
  /** Lets go of what a restore with `keepPrevious` has replaced. Gone already is fine. */
  discardPrevious(input: KeptInput): null;
  /** Level `DATA`: every byte that the snapshot needs is read, opened and hashed. */
  verify(input: VerifyInput): VerifyResult;
  /** Removes the snapshot object; its chunks stay for others. Not there already is fine. */
  deleteSnapshot(input: { readonly repository: RepositoryAccess; readonly snapshotId: string }): null;
  /** A page of one folder of a snapshot, by name. */
  listTree(input: TreeInput): readonly TreeEntry[];
  /** One entry of a snapshot. */
  statEntry(input: Omit<TreeInput, 'after' | 'limit'>): TreeEntry;
  checkSource(input: { readonly source: SourceChoice }): null;
  discoverSource(input: { readonly source: SourceChoice }): readonly DiscoveredItem[];
}

export type EngineOperation = keyof EngineOperations;

/** These work with lanes, and may run for hours and take much memory. */
export const longOperations: ReadonlySet<EngineOperation> = new Set(['backup', 'restore', 'verify']);

export type EngineInput<O extends EngineOperation> = Parameters<EngineOperations[O]>[0];
export type EngineOutput<O extends EngineOperation> = ReturnType<EngineOperations[O]>;

/** What a run of an operation can be told and tells. */
export interface RunOptions {
  /** Aborting stops the run within two seconds; it then rejects with `CANCELLED`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** The engine as services and jobs see it. `host.ts` has the real one. */
export interface Engine extends AsyncDisposable {
  /**
   * Holds all operations of this process on a repository together, also those under way, to so many bytes a second. It is known by its own
   * id, as `RepositoryAccess.repositoryId` has it.
   */
  limitBandwidth(repositoryId: string, bandwidth: Bandwidth): void;
  /**
   * Lets at most so many lanes work for all runs of this process together, also those under way: shared out evenly, and at least one for
   * each run. Undefined lets every run use all lanes.
   */
  limitLanes(lanes: number | undefined): void;
  /** Runs one operation in a thread. */
  run<O extends EngineOperation>(operation: O, input: EngineInput<O>, options?: RunOptions): Promise<EngineOutput<O>>;
  /**
   * The bytes of one file of a snapshot, in order, checked; pulled, so that a slow reader holds the engine back.
   * Leaving the iteration ends the thread.
   */
  readFile(
    input: { readonly repository: RepositoryAccess; readonly snapshotId: string; readonly path: string },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}
