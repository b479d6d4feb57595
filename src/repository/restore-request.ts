/** A file that somebody waits for, while its pieces are planned and written. */
import { closeSync, constants, fchmodSync, ftruncateSync, openSync, unlinkSync } from 'node:fs';
import { StrongroomError } from '../errors.ts';
import type { LocatedEntry } from './snapshot-reader.ts';
import type { FileToWrite } from './write-orders.ts';

export const PRIVATE_MODE = 0o600;

export class FileRequest {
  readonly entry: LocatedEntry;
  readonly #path: Buffer;
  readonly #mode: number;
  readonly #settled = Promise.withResolvers<void>();
  /** Pieces in all, and those that are not written yet. An empty file counts as one. */
  #pieces = 0;
  #open = 0;
  #planned = false;
  /** The file was made ahead of its pieces, so it is to be removed if one of them fails. */
  #made = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(entry: LocatedEntry, path: Buffer, mode: number) {
    this.entry = entry;
    this.#path = path;
    this.#mode = mode;
  }

  /** Resolves when the file is written; rejects when it can't be, and is removed. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  get fileFacts(): Pick<FileToWrite, 'path' | 'size' | 'mode' | 'sparse'> {
    const { size, metadata } = this.entry;
    return { path: this.#path, size, mode: this.#mode, sparse: metadata.sparse === true };
  }

  /** One more piece is to be written. */
  planPiece(): void {
    this.#pieces += 1;
    this.#open += 1;
  }

  /** All pieces are planned, or no more will be because the file has failed. */
  finishPlan(): void {
    this.#planned = true;
    this.#settleIfDone();
  }

  /** Whether `pieces` are all there are of a file that is not made yet. */
  isWhole(pieces: number): boolean {
    return this.#planned && !this.#made && pieces === this.#pieces;
  }

  settlePieces(pieces: number): void {
    this.#open -= pieces;
    this.#settleIfDone();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Makes the file, once, so that several tasks can write to it. */
  make(): void {
    if (this.#made || this.failed) return;
    const { size, metadata } = this.entry;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    try {
      const descriptor = openSync(this.#path, flags, PRIVATE_MODE);
      this.#made = true;
      try {
        if (this.#mode !== PRIVATE_MODE) fchmodSync(descriptor, this.#mode);
        if (metadata.sparse === true) ftruncateSync(descriptor, size);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.fail(new StrongroomError('RESTORE_FAILED', { subject: this.#path.toString(), reason }, { cause: error }));
    }
  }

  #settleIfDone(): void {
    if (!this.#planned || this.#open > 0) return;
    if (this.#failure === undefined) {
      this.#settled.resolve();
      return;
    }
    try {
      if (this.#made) unlinkSync(this.#path);
      this.#settled.reject(this.#failure.error);
    } catch (error) {
      this.#settled.reject(error);
    }
  }
}
