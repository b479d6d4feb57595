/** What sources hand to the engine and get back from it: named entries of a tree, in tree order. */

/** What a source's data is, for choosing what to back up and where it shows in a snapshot. */
export type ContentKind = 'DATABASE' | 'FILES' | 'CONFIGURATION';

/**
 * Path of an entry inside its source: raw bytes, segments separated by `/`, no leading or trailing slash; empty
 * for the source's root directory. A segment is never empty, `.` or `..` and holds no NUL byte.
 */
export type EntryPath = Buffer;

/** Facts about an entry that are stored with it. Absent fields are unknown to the source. */
export interface EntryMetadata {
  /** Permission bits, 0 to 0o7777. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Last change of the content, in nanoseconds since 1970. */
  readonly mtimeNs?: bigint;
  /** Last change of the inode, in nanoseconds since 1970; compared to tell an unchanged file, never restored. */
  readonly ctimeNs?: bigint;
  /** Number of the inode; compared to tell an unchanged file, never restored. */
  readonly inode?: bigint;
  /** Extended attributes by name; at most 1,024, and 64 KiB together. */
  readonly extendedAttributes?: ReadonlyMap<string, Uint8Array>;
  /** Same value on every name of one file that has several (hard links), unique to the file in this backup. */
  readonly hardLink?: string;
  /** True when the file has holes; it is then written back with holes where blocks are zero. */
  readonly sparse?: boolean;
}

/**
 * Bytes of a file entry: a plain file that the engine reads in its own threads, or a stream that it pulls. A piece
 * may be used again by its source as soon as the next one is asked for; those of a `Readable` of Node belong to the engine, as they do to whoever
 * reads one. `size` of a stream is a guess: of streams that come together the largest are read first.
 */
export type FileContent =
  | { readonly file: Buffer; readonly size: number }
  | { readonly stream: (signal: AbortSignal) => AsyncIterable<Uint8Array>; readonly size?: number };

/**
 * One entry as a source reads it. Entries come in tree order: a directory before what is in it, siblings
 * ascending by the bytes of their names, each directory's content complete before its next sibling.
 */
export type SourceEntry =
  | { readonly kind: 'directory'; readonly path: EntryPath; readonly metadata: EntryMetadata }
  | { readonly kind: 'symlink'; readonly path: EntryPath; readonly metadata: EntryMetadata; readonly target: Buffer }
  | {
      readonly kind: 'file';
      readonly path: EntryPath;
      readonly metadata: EntryMetadata;
      readonly content: FileContent;
      /**
       * Reads the extended attributes where `metadata` leaves them out because reading is dear. Called at most once, before the
       * source is asked for more, and not at all for a file whose `inode` and `ctimeNs` say that nothing of it has changed since
       * an earlier backup: what that one has is then taken over. `null`, after a warning, says that they can't be read: the file
       * then counts as changed next time.
       */
      readonly attributes?: () => ReadonlyMap<string, Uint8Array> | undefined | null;
    };

/**
 * What a source yields: one entry, or several in order at once, since a step of an iterator costs more than most files do. Streams
 * that come together are read in any order, at most `streamsAtOnce` of the source at a time, before the source is asked for more.
 */
export type SourceYield = SourceEntry | readonly SourceEntry[];

/** One entry as a snapshot describes it, without its bytes. */
export interface StoredEntry {
  readonly kind: 'directory' | 'symlink' | 'file';
  readonly path: EntryPath;
  readonly metadata: EntryMetadata;
  /** Length of a file's content in bytes; 0 for the others. */
  readonly size: number;
  /** Target of a symbolic link. */
  readonly target?: Buffer;
}

/** One entry of a snapshot with access to its bytes. Every byte handed out has been checked first. */
export interface ReadableEntry extends StoredEntry {
  /**
   * The content in order. A piece is to be read only, and may be used again as soon as the next one is asked for. Throws a damage error (`REPOSITORY_DAMAGED`) where it can't be read as it was stored. Later entries may have been
   * taken before, and several may be read at once.
   */
  read(): AsyncIterable<Uint8Array>;
}

/** One entry on its way back. */
export interface RestoreEntry extends ReadableEntry {
  /**
   * Writes the content to a new file at an absolute path, in the engine's own threads: exclusively created, never through a
   * link, with holes if `metadata.sparse`. The file has the permission bits `mode` in the end, 0600 if none are given. Sets neither
   * owner nor times and does not flush: callers flush once for all, before they rely on it.
   * On failure the file is removed and the promise rejects; other entries are not affected. Calls may run concurrently: callers
   * keep many (some thousand) in flight, as files written together share the reading of what they have in common.
   */
  writeFile(path: Buffer, mode?: number): Promise<void>;
}
