/** Where a repository's objects lie. Objects are immutable: written once, read in ranges, removed whole. */

/** A part of an object, in bytes. A range that passes the end of the object yields what there is. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** One object as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  /** Size in bytes. */
  readonly size: number;
}

export interface PutOptions {
  /** Refuse to replace: an object that is there already stays as it is, and `put` answers `exists`. */
  readonly ifAbsent?: boolean;
  /** Keep the object unremovable until then. Only for targets with the `objectLock` capability. */
  readonly retainUntil?: Date;
  readonly signal?: AbortSignal;
  /**
   * Called at most once, as soon as the target needs `body` no more, which may be before the object is durable: its memory is then
   * used for something else. A target that does not call it may use `body` until the promise settles.
   */
  readonly onTaken?: () => void;
}

/** What a target can do beyond the required methods; the engine reads this and never guesses. */
export interface StorageCapabilities {
  /** `ifAbsent` holds even when several writers race for one key. */
  readonly conditionalPut: boolean;
  /** `retainUntil` is honoured. */
  readonly objectLock: boolean;
  /** `usage()` is implemented. */
  readonly usage: boolean;
  /** How many puts at once the target serves best; at least 1. */
  readonly parallelPuts: number;
  /** Reading from it is about as quick as reading a file of this machine; where it is not, the engine keeps copies of small objects here. */
  readonly local: boolean;
}

/** Space on the target, in bytes. */
export interface StorageUsage {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/**
 * A place that holds objects under keys. Keys are `/`-separated segments of `a-z 0-9 . _ -`; no segment is
 * empty, `.` or `..`, no key is longer than 255 characters; a target refuses every other key with
 * `STORAGE_KEY_INVALID` (see `isStorageKey`). Nobody stores both a key and another one that continues it with a `/`.
 * All methods may be called concurrently, also on several instances. After `[Symbol.asyncDispose]()` no method may
 * be called.
 *
 * Errors: `STORAGE_OBJECT_MISSING` for a key that is not there, `STORAGE_FULL` when space ran out,
 * `STORAGE_DENIED` when access is refused, `STORAGE_UNAVAILABLE` for everything that a retry may mend.
 */
export interface StorageTarget extends AsyncDisposable {
  readonly capabilities: StorageCapabilities;
  /**
   * Stores an object whole and durably: when the promise resolves it survives a power cut; when it rejects
   * no object is visible under the key, unless one was there before, or all that failed was the proof that this one,
   * whole, would survive. An object is never seen half written. May be called again after a failure. `body` may lie in shared
   * memory, which a few functions (`fetch` among them) take only as a copy.
   */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<'stored' | 'exists'>;
  /**
   * Reads an object, or the given range of it.
   * @param into memory for it, perhaps shared between threads. A target that can read straight into it does so if all bytes fit, and answers
   * the part of it that they fill; memory of its own is as good an answer, only dearer. After a rejection its content is undefined.
   */
  get(key: string, range?: ByteRange, signal?: AbortSignal, into?: Uint8Array): Promise<Uint8Array>;
  /** Size of an object in bytes, or `undefined` when there is none. */
  stat(key: string): Promise<{ readonly size: number } | undefined>;
  /** Every object whose key starts with `prefix`, in no particular order; what is half written never shows. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Removes objects. A key that is not there is not an error, so it may be called again after a failure. */
  remove(keys: readonly string[]): Promise<void>;
  /** Proves that the target can be written, read and cleaned, with a small object of its own that it removes. */
  check(signal?: AbortSignal): Promise<void>;
  /** Present when `capabilities.usage` is true. */
  usage?(): Promise<StorageUsage>;
}
