/**
 * The directory in which a restore is prepared, on the file system of its target:
 *
 *     .strongroom-restore-<restore>-<8 hex digits of the target>/    mode 0700
 *       tree/          what is to be moved into place, named as it will be
 *       links/         one name for each file that has several, to link the others to
 *       replaced/      directories and such that had to make room, until the end
 *       directories    attributes to be given to directories once all is in place, innermost first; JSON lines
 *       moving         there once moving has begun: from then on a retry goes on instead of starting afresh. Where what is staged was
 *                      not flushed, it names the boot of the machine, and counts only until the next
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bootId, pathToText } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import type { Owner } from './attributes.ts';
import { openNativeFiles, setModified } from './native.ts';
import { STAGING_PREFIX } from './staging-name.ts';
import { isDenied, reasonOf } from './warnings.ts';

/** What the marker says where everything is flushed. */
const DURABLE = 'durable';

export class Staging {
  /** Absolute; one character a byte (latin1), as all paths here. */
  readonly path: string;
  readonly tree: string;
  readonly links: string;
  readonly replaced: string;
  readonly directories: string;
  readonly #marker: string;
  /** Time of last change of the directory it lies in, before and after it was made there. */
  /** Of the directory that this attempt made: another attempt may put its own in the same place. */
  #made: string | undefined;
  #before: bigint | undefined;
  #after: bigint | undefined;

  private constructor(path: string) {
    this.path = path;
    this.tree = `${path}/tree`;
    this.links = `${path}/links`;
    this.replaced = `${path}/replaced`;
    this.directories = `${path}/directories`;
    this.#marker = `${path}/moving`;
  }

  /**
   * The staging directory of this restore into `target`, made or found. It lies in `target` if that is there, else in the
   * nearest directory above it that is. What an earlier attempt left is removed, unless it had begun to move.
   */
  static async open(target: string, restoreId: string): Promise<Staging> {
    if (!/^[\w-]{1,64}$/.test(restoreId)) {
      throw new StrongroomError('INTERNAL', { reason: `${restoreId} can't name a restore.` });
    }
    const digest = createHash('sha256').update(Buffer.from(target, 'latin1')).digest('hex').slice(0, 8);
    const name = `${STAGING_PREFIX}${restoreId}-${digest}`;
    let home: string | undefined;
    for (const directory of upwards(target)) {
      if (!isDirectory(directory)) continue;
      home ??= directory;
      const found = new Staging(join(directory, name));
      if (!isDirectory(found.path)) continue;
      if (found.moving) return found;
      await found.discard();
    }
    const staging = new Staging(join(home ?? '/', name));
    staging.#make();
    return staging;
  }

  #make(): void {
    try {
      this.#before = this.#homeTime();
      mkdirSync(bytes(this.path), { mode: 0o700 });
      this.#made = this.#identity();
      this.#after = this.#homeTime();
      for (const part of [this.links, this.replaced]) mkdirSync(bytes(part), { mode: 0o700 });
    } catch (error) {
      const subject = pathToText(bytes(dirname(this.path)));
      throw new StrongroomError('RESTORE_FAILED', { subject, reason: reasonOf(error) }, { cause: error });
    }
  }

  /** Whether moving has begun, in this attempt or an earlier one, and all that was staged is still there to be moved. */
  get moving(): boolean {
    const marked = this.#marked();
    return marked !== undefined && (marked === DURABLE || marked === bootId());
  }

  /** Whether what is staged survives a power cut, and what is moved has to. */
  get durable(): boolean {
    return this.#marked() === DURABLE;
  }

  #marked(): string | undefined {
    if (!existsSync(bytes(this.#marker))) return undefined;
    return /^moving (\S+)\n$/.exec(readFileSync(bytes(this.#marker), 'latin1'))?.[1];
  }

  /** Whom everything made below belongs to. */
  get owner(): Owner {
    return lstatSync(bytes(this.path));
  }

  get device(): bigint {
    return lstatSync(bytes(this.path), { bigint: true }).dev;
  }

  /** Says that moving has begun; with `durable`, so that it survives a power cut, as by then does all that is staged. */
  async beginMoving(durable: boolean): Promise<void> {
    if (durable) await this.#syncFileSystem();
    if (this.#taken()) {
      const subject = pathToText(bytes(this.path));
      throw new StrongroomError('RESTORE_FAILED', { subject, reason: 'another attempt of this restore took over' });
    }
    const marker = openSync(bytes(this.#marker), 'wx', 0o600);
    try {
      writeSync(marker, `moving ${durable ? DURABLE : (bootId() ?? DURABLE)}\n`);
      if (durable) fsyncSync(marker);
    } finally {
      closeSync(marker);
    }
    if (durable) syncDirectory(this.path);
  }

  /** Whether what lies there now was made by another attempt. */
  #taken(): boolean {
    return this.#made !== undefined && this.#identity() !== this.#made;
  }

  /** Numbers of inodes are used again; together with the time of birth they are not. */
  #identity(): string {
    const stats = lstatSync(bytes(this.path), { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? 'gone' : `${stats.ino} ${stats.birthtimeNs}`;
  }

  /** One call for all directories of the staged tree; where there is none, the file system sees to it in time. */
  async #syncFileSystem(): Promise<void> {
    const descriptor = openSync(bytes(this.path), 'r');
    try {
      await openNativeFiles()?.syncFileSystem(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Removes it after a failure: the directory it lay in is as it was, its time of last change included. */
  async discard(): Promise<void> {
    if (this.#taken()) return;
    await this.#remove(this.#after !== undefined && this.#homeTime() === this.#after ? this.#before : undefined);
  }

  /** Removes it after success; that alone does not count as a change of the directory it lay in. */
  async finish(): Promise<void> {
    await this.#remove(this.#homeTime());
  }

  async #remove(time: bigint | undefined): Promise<void> {
    await rm(bytes(this.path), { recursive: true, force: true });
    if (time === undefined) return;
    try {
      setModified(bytes(dirname(this.path)), time);
    } catch (error) {
      // Who may write in a directory that belongs to another may not set its time.
      if (!isDenied(error)) throw error;
    }
  }

  #homeTime(): bigint {
    return lstatSync(bytes(dirname(this.path)), { bigint: true }).mtimeNs;
  }
}

/** `path` as the bytes it stands for. */
export const bytes = (path: string): Buffer => Buffer.from(path, 'latin1');

/** Makes what was renamed into a directory durable; in one that may not be read, the file system sees to it in time. */
export function syncDirectory(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(bytes(path), 'r');
  } catch (error) {
    if (isDenied(error)) return;
    throw error;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function* upwards(path: string): Generator<string> {
  for (let at = path; ; at = dirname(at)) {
    yield at;
    if (at === dirname(at)) return;
  }
}

const isDirectory = (path: string): boolean =>
  lstatSync(bytes(path), { throwIfNoEntry: false })?.isDirectory() === true;
