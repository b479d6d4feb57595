/** Reads one part of a workload, and puts it back. */
import type { ReadableEntry, RestoreEntry, SourceYield, StoredEntry } from './entry.ts';

/** One table of a database source, as far as the source knows it. */
export interface TableInfo {
  /** Qualified name as its database writes it, for instance `public.orders`. */
  readonly name: string;
  readonly rows?: number;
  readonly bytes?: number;
  /** SHA-256 of its data as it is stored, 64 hex digits; of several files, of their checksums in order, a line each. */
  readonly checksum?: string;
}

/** Something that could not be backed up or restored as asked; the rest goes on. */
export interface Warning {
  /** A code of the error catalogue, for instance `SOURCE_FILE_UNREADABLE`. */
  readonly code: string;
  /** What it is about: a path (as text) or a table. */
  readonly subject: string;
  readonly message: string;
}

/** What a call gets from its caller. */
export interface SourceContext {
  /** Aborted when the run is cancelled; a source stops within a second and cleans up. */
  readonly signal: AbortSignal;
  /** An empty directory, private to this call and removed after it, for what can't be streamed. */
  readonly scratch: string;
  /** Reports what is left out or differs; the run then ends as `PARTIAL`. */
  warn(warning: Warning): void;
  /** Reports how much there will be, as soon as it is known and whenever the estimate gets better. */
  expect(total: { readonly items?: number; readonly bytes?: number }): void;
}

/** What to read, beyond the source's own configuration. */
export interface ReadSelection {
  /** Patterns of tables to include; absent or empty means all. Only for database sources. */
  readonly includeTables?: readonly string[];
  /** Patterns of tables to leave out; wins over `includeTables`. */
  readonly excludeTables?: readonly string[];
  /** Patterns of tables whose definition is taken without their rows. Only for database sources. */
  readonly excludeTableData?: readonly string[];
}

export interface ReadContext extends SourceContext {
  /** Reports a table that this backup holds; later calls with the same name replace earlier ones. */
  table(info: TableInfo): void;
}

/** Something `discover` found. */
export interface DiscoveredItem {
  readonly kind: 'table' | 'file' | 'directory' | 'database';
  readonly name: string;
  readonly rows?: number;
  readonly bytes?: number;
}

/** Where a restore goes. */
export type RestoreTarget =
  /** Where it came from: the configured place. */
  | { readonly kind: 'inPlace' }
  /** Plain files below an absolute directory, made if absent, whatever the source is. */
  | { readonly kind: 'directory'; readonly path: string }
  /** Another database on the configured server. Only for sources that have a server. */
  | { readonly kind: 'database'; readonly name: string }
  /** Another schema of the database that was backed up; made if absent. Only for sources whose databases have schemas. */
  | { readonly kind: 'schema'; readonly name: string };

/** What happens where something is already there. `FAIL` means that nothing at all is written. */
export type ConflictPolicy = 'FAIL' | 'OVERWRITE' | 'SKIP';

export interface RestoreContext extends SourceContext {
  /** Stable over the attempts of one restore; names what is staged, so that a retry finds and replaces it. */
  readonly restoreId: string;
  /**
   * True where the engine is going to rely on what was put in place, as other sources follow: it must survive a power cut when the
   * call resolves. Whatever this says, what was there before must not be lost to one.
   */
  readonly durable: boolean;
  /** Whether what is replaced shall stay, out of the way, for `revert`. Only for sources that have it. */
  readonly keepPrevious: boolean;
  /** Reports one entry as done, for progress. `bytes` is its content's length. */
  done(entry: { readonly path: Buffer; readonly kind: StoredEntry['kind']; readonly bytes: number }): void;
  /** Says in words what is under way where no entry is, and may take longer than a second: `indexes, constraints and triggers`. */
  step(what: string): void;
  /** Reports that something was replaced and is kept. */
  kept(): void;
  /** Reports what is restored besides entries: a table. */
  table(info: TableInfo): void;
}

/** What a restore would do to one thing, before it is done. */
export interface PreviewItem {
  /** `NOTE` does nothing and says what is to be known before: who would be disconnected, which versions differ. */
  readonly action: 'ADD' | 'CHANGE' | 'KEEP' | 'DROP' | 'CONFLICT' | 'NOTE';
  /** Path (as text) or table at the target. */
  readonly subject: string;
  /** Bytes that would be written. */
  readonly bytes: number;
  /** Why, where the action does not say it all. */
  readonly reason?: string;
  /** Rows of a table: in the backup, and at the target now, which is an estimate unless `exactRows` was asked for. */
  readonly rows?: number;
  readonly rowsNow?: number;
}

export interface RestoreRequest {
  readonly target: RestoreTarget;
  readonly policy: ConflictPolicy;
  /**
   * Patterns of the tables to restore; everything if absent. The others stay as they are: the tables restored take the place of those of
   * their names. Only for database sources; throws `INPUT_INVALID` for a pattern that matches nothing.
   */
  readonly includeTables?: readonly string[];
  /** The tables that the backup holds of this source, as `read` reported them. */
  readonly tables?: readonly TableInfo[];
}

export interface PreviewRequest extends RestoreRequest {
  /** Whether rows at the target are to be counted, which may take as long as reading them. */
  readonly exactRows?: boolean;
}

/**
 * A source, configured. Errors: `SOURCE_UNAVAILABLE` where a retry may help, `SOURCE_MISSING` when what is
 * configured is not there, `SOURCE_DENIED` when access is refused, `SOURCE_TOOL_MISSING` when a program is not installed.
 */
export interface Source extends AsyncDisposable {
  /** Whether `restore` and `preview` heed `includeTables`; who asks for tables of other sources is refused. */
  readonly restoresTables?: boolean;
  /** How many streams that `read` yields together may be read at once; one if absent. */
  readonly streamsAtOnce?: number;
  /** Proves that the source can be reached and read; throws what is wrong. */
  check(context: SourceContext): Promise<void>;
  /** What there is to back up, largest containers first; bounded: at most 10,000 items. */
  discover(context: SourceContext): AsyncIterable<DiscoveredItem>;
  /**
   * Everything selected, in one consistent view, as entries in tree order. The first entry is the root directory.
   * What can't be read becomes a warning and is left out; what makes the whole pointless throws.
   *
   * Entries may come one by one, or by some hundred in an array, which pays where there are hundred thousands.
   */
  read(selection: ReadSelection, context: ReadContext): AsyncIterable<SourceYield>;
  /**
   * Puts entries back. All or nothing where the target allows it: on failure what was there before is still there.
   * Entries come in tree order and must be consumed in that order. With `FAIL`, throws `RESTORE_CONFLICT` before
   * anything is changed. A damaged entry becomes a warning (`REPOSITORY_DAMAGED`) and the others are restored.
   */
  restore(entries: AsyncIterable<RestoreEntry>, request: RestoreRequest, context: RestoreContext): Promise<void>;
  /**
   * Brings back what a restore has replaced and kept, in one step, and removes what it had restored; throws `RESTORE_NOT_KEPT` where there is
   * nothing. Absent where a source can't.
   */
  revert?(restoreId: string, context: SourceContext): Promise<void>;
  /** Lets go of what a restore has replaced and kept; fine where there is nothing. */
  discardPrevious?(restoreId: string, context: SourceContext): Promise<void>;
  /** What `restore` would do, changing nothing. */
  preview(
    entries: AsyncIterable<ReadableEntry>,
    request: PreviewRequest,
    context: SourceContext,
  ): AsyncIterable<PreviewItem>;
}
