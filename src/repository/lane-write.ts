/** A lane's way back: sealed blocks become files. */
import { release } from '../contracts/index.ts';
import { closeSync, constants, fchmodSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { asStrongroomError, errorFromData, errorToData, StrongroomError } from '../errors.ts';
import { asBuffer } from './bytes.ts';
import { isDamage } from './damage.ts';
import { limits } from './format.ts';
import type { KeyedHasher } from './hashing.ts';
import type { BlockAt, WriteError } from './lane-protocol.ts';
import { BlockOpener, takeChunk } from './open-block.ts';
import type { RepositoryTools } from './opened-repository.ts';
import { PRIVATE_MODE } from './restore-request.ts';
import { decodeOrders, type FileToWrite, type PieceToWrite, type WriteOrders } from './write-orders.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const REOPEN = constants.O_WRONLY | constants.O_NOFOLLOW;

export class FileWriter {
  readonly #opener: BlockOpener;
  readonly #hasher: KeyedHasher;

  constructor(tools: RepositoryTools, hasher: KeyedHasher) {
    this.#opener = new BlockOpener(tools);
    this.#hasher = hasher;
  }

  /** Writes files, or parts of them; a file that fails is removed and does not hinder the others. */
  write(regions: readonly Uint8Array[], blocks: readonly BlockAt[], orders: WriteOrders): readonly WriteError[] {
    const opened = new OpenedBlocks(this.#opener, this.#hasher, regions, blocks);
    const errors: WriteError[] = [];
    let position = 0;
    for (const file of decodeOrders(orders)) {
      try {
        this.#file(file, opened);
      } catch (error) {
        errors.push({ file: position, error: errorToData(asWriteError(error, file.path)) });
      }
      position += 1;
    }
    opened.release();
    return errors;
  }

  #file(file: FileToWrite, opened: OpenedBlocks): void {
    const path = asBuffer(file.path);
    const descriptor = openSync(path, file.create ? CREATE : REOPEN, PRIVATE_MODE);
    let written = false;
    try {
      for (const piece of file.pieces) {
        const bytes = opened.chunk(piece);
        if (file.sparse && isZero(bytes)) continue;
        writeFully(descriptor, bytes, piece.at);
      }
      if (file.create) {
        if (file.sparse) ftruncateSync(descriptor, file.size);
        if (file.mode !== PRIVATE_MODE) fchmodSync(descriptor, file.mode);
      }
      written = true;
    } finally {
      closeSync(descriptor);
      if (!written && file.create) unlinkSync(path);
    }
  }
}

/** Opens each block of a task at most once, when it is first needed, and checks each chunk once. */
class OpenedBlocks {
  readonly #opener: BlockOpener;
  readonly #hasher: KeyedHasher;
  readonly #regions: readonly Uint8Array[];
  readonly #blocks: readonly BlockAt[];
  readonly #opened = new Map<number, Uint8Array | { readonly error: unknown }>();
  /** By block and offset. */
  readonly #chunks = new Map<number, Uint8Array>();

  constructor(opener: BlockOpener, hasher: KeyedHasher, regions: readonly Uint8Array[], blocks: readonly BlockAt[]) {
    this.#opener = opener;
    this.#hasher = hasher;
    this.#regions = regions;
    this.#blocks = blocks;
  }

  /** The checked plaintext of a chunk. */
  chunk(piece: PieceToWrite): Uint8Array {
    const key = piece.block * limits.blockRaw + piece.offset;
    const known = this.#chunks.get(key);
    if (known?.length === piece.length) return known;
    const block = this.#blocks[piece.block];
    if (block === undefined) throw new RangeError(`There is no block ${piece.block} in the task.`);
    const bytes = takeChunk(this.#hasher, block, this.#raw(piece.block), piece, piece.id);
    this.#chunks.set(key, bytes);
    return bytes;
  }

  /** Frees what was opened and fetched; the task is done. */
  release(): void {
    for (const block of this.#opened.values()) if (block instanceof Uint8Array) release(block);
    for (const region of this.#regions) release(region);
  }

  #raw(number: number): Uint8Array {
    const known = this.#opened.get(number) ?? this.#open(number);
    this.#opened.set(number, known);
    if (known instanceof Uint8Array) return known;
    throw known.error;
  }

  #open(number: number): Uint8Array | { readonly error: unknown } {
    const block = this.#blocks[number];
    const region = block === undefined ? undefined : this.#regions[block.region];
    if (block === undefined || region === undefined) throw new RangeError(`There is no block ${number} in the task.`);
    if (block.error !== undefined) return { error: errorFromData(block.error) };
    try {
      return this.#opener.open(block, region.subarray(block.start, block.start + block.storedLength));
    } catch (error) {
      if (!isDamage(error)) throw error;
      return { error };
    }
  }
}

function writeFully(descriptor: number, bytes: Uint8Array, at: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
}

const ZEROS = Buffer.alloc(64 * 1024);

function isZero(bytes: Uint8Array): boolean {
  const buffer = asBuffer(bytes);
  for (let at = 0; at < buffer.length; at += ZEROS.length) {
    const end = Math.min(at + ZEROS.length, buffer.length);
    if (buffer.compare(ZEROS, 0, end - at, at, end) !== 0) return false;
  }
  return true;
}

function asWriteError(error: unknown, path: Uint8Array): StrongroomError {
  if (error instanceof StrongroomError) return error;
  if (error instanceof Error && 'syscall' in error) {
    const subject = asBuffer(path).toString('utf8');
    return new StrongroomError('RESTORE_FAILED', { subject, reason: error.message.split(',')[0] ?? error.message });
  }
  return asStrongroomError(error);
}
