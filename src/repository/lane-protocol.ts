/**
 * What the coordinator of a run and its lanes say to each other. A lane is a thread that does the heavy work with synchronous calls:
 * reading files, cutting, hashing, deduplicating, compressing, sealing; and the way back.
 */
import type { ErrorData } from '../errors.ts';
import type { PackKind } from './format.ts';
import type { IdTableMemory } from './id-table.ts';
import type { BlockToOpen } from './open-block.ts';
import type { RepositorySecrets } from './opened-repository.ts';
import type { WriteOrders } from './write-orders.ts';

/** What a lane is started with. */
export interface LaneSetup {
  readonly repository: RepositorySecrets;
  /** Levels of the shared set of chunks; empty for lanes that only read. */
  readonly chunks: readonly IdTableMemory[];
  /** One `Int32` that the coordinator raises and notifies whenever it has put something on the supply port. */
  readonly supplied: SharedArrayBuffer;
}

/** A file to be read and stored. */
export interface FileToStore {
  readonly path: Uint8Array;
  readonly size: number;
  readonly mtimeNs: bigint | undefined;
  readonly inode: bigint | undefined;
}

/** A block with where its sealed bytes lie in `regions` of the same task. */
export interface BlockAt extends BlockToOpen {
  readonly region: number;
  readonly start: number;
  /** Why its bytes could not be fetched. */
  readonly error?: ErrorData;
}

/** A block with its chunks: their ids one after another, and for each its offset in the opened block and its length. */
export interface BlockToVerify extends BlockToOpen {
  readonly ids: Uint8Array;
  readonly places: Uint32Array;
}

export type LaneTask =
  | { readonly kind: 'storeFiles'; readonly files: readonly FileToStore[] }
  | { readonly kind: 'storeChunks'; readonly bytes: Uint8Array; readonly lengths: readonly number[] }
  | { readonly kind: 'flush' }
  | {
      readonly kind: 'writeFiles';
      readonly regions: readonly Uint8Array[];
      readonly blocks: readonly BlockAt[];
      readonly orders: WriteOrders;
    }
  | {
      readonly kind: 'verifyPack';
      readonly id: string;
      readonly bytes: Uint8Array;
      readonly blocks: readonly BlockToVerify[];
    };

/** What became of a file that was to be stored. */
export type StoredFile =
  | {
      readonly status: 'stored';
      /** Bytes read. */
      readonly size: number;
      /** The ids that were not sent ahead by `ids` messages. */
      readonly ids: Uint8Array;
      /** Facts that differ from what the source saw, because the file changed in between. */
      readonly seen?: { readonly mtimeNs: bigint; readonly size: number; readonly inode: bigint };
      /** It changed while it was read: what is stored may be of no single moment. */
      readonly torn: boolean;
    }
  | { readonly status: 'vanished' }
  | { readonly status: 'unreadable'; readonly reason: string };

export interface LaneCounts {
  readonly readBytes: number;
  /** Bytes of chunks that were new. */
  readonly addedBytes: number;
}

export type LaneAnswer =
  | { readonly kind: 'storeFiles'; readonly files: readonly StoredFile[]; readonly counts: LaneCounts }
  | { readonly kind: 'storeChunks'; readonly ids: Uint8Array; readonly counts: LaneCounts }
  | { readonly kind: 'flush' }
  /** What kept files from being written, by their positions in the orders. */
  | { readonly kind: 'writeFiles'; readonly errors: readonly WriteError[] }
  | { readonly kind: 'verifyPack'; readonly damage: readonly BlockDamage[] };

/** A file that could not be written. */
export interface WriteError {
  readonly file: number;
  readonly error: ErrorData;
}

/** A block found damaged; -1 for the pack as a whole. */
export interface BlockDamage {
  readonly sequence: number;
  readonly offset: number;
  readonly reason: string;
}

/** The answer to a task of kind `K`. */
export type AnswerTo<K extends LaneTask['kind']> = Extract<LaneAnswer, { readonly kind: K }>;

/** Coordinator to lane. */
export interface TaskMessage {
  readonly task: number;
  readonly work: LaneTask;
}

/** Lane to coordinator. */
export type LaneMessage =
  | { readonly kind: 'answer'; readonly task: number; readonly answer: LaneAnswer }
  | { readonly kind: 'failed'; readonly task: number; readonly error: ErrorData }
  /** Ids of a long file's chunks, ahead of the answer. `restart`: forget those sent before. */
  | {
      readonly kind: 'ids';
      readonly task: number;
      readonly file: number;
      readonly ids: Uint8Array;
      readonly restart: boolean;
      readonly bytes: number;
    }
  /** A finished pack in a buffer that was supplied; the lane does not touch it any more. */
  | { readonly kind: 'pack'; readonly pack: PackMessage }
  /** The lane waits for a supply of that kind. */
  | { readonly kind: 'wantBuffer' }
  | { readonly kind: 'wantLevel'; readonly levels: number; readonly capacity: number };

export interface PackMessage {
  readonly packKind: PackKind;
  readonly id: Uint8Array;
  readonly buffer: SharedArrayBuffer;
  readonly length: number;
  readonly envelope: Uint8Array;
  readonly directory: Uint8Array;
}

/** Coordinator to lane, on the supply port, which the lane reads synchronously while it waits. */
export type Supply =
  | { readonly kind: 'buffer'; readonly buffer: SharedArrayBuffer }
  | { readonly kind: 'level'; readonly level: IdTableMemory };
