/**
 * Moves a staged tree into place by renames. Directories are held open and reached through their descriptors, so that
 * nobody can lead a rename elsewhere by putting a link in the way. Whatever is moved is gone from the staging: run again
 * after a crash, it goes on where it was.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { pathToText } from '../../../src/contracts/index.ts';
import type { ConflictPolicy, RestoreContext } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { openNativeFiles } from './native.ts';
import type { NativeFiles } from './native.ts';
import { bytes } from './staging.ts';
import type { Staging } from './staging.ts';
import { reasonOf, systemCode, warningOf } from './warnings.ts';

/** Moves `staging.tree` to `target`; paths hold one character a byte. Throws `RESTORE_FAILED`; may then be run again. */
export function moveIntoPlace(staging: Staging, target: string, policy: ConflictPolicy, context: RestoreContext): void {
  const mover = new Mover(staging, policy, context);
  if (look(staging.tree) === undefined) return;
  mover.move({ from: staging.tree, to: target, name: target });
}

/** One thing to move: how to reach it, where it goes, and what to call it. */
interface Step {
  readonly from: string;
  readonly to: string;
  readonly name: string;
}

class Mover {
  readonly #staging: Staging;
  readonly #durable: boolean;
  readonly #policy: ConflictPolicy;
  readonly #context: RestoreContext;
  readonly #native: NativeFiles | undefined = openNativeFiles();
  #replaced = 0;

  constructor(staging: Staging, policy: ConflictPolicy, context: RestoreContext) {
    this.#staging = staging;
    this.#durable = staging.durable;
    this.#policy = policy;
    this.#context = context;
  }

  move(step: Step): void {
    try {
      if (step.from === this.#staging.tree) mkdirSync(bytes(dirname(step.to)), { recursive: true });
      if (this.#place(step)) return;
      const staged = look(step.from);
      const there = look(step.to);
      if (staged?.isDirectory() === true && there?.isDirectory() === true) this.#merge(step);
      else if (this.#policy !== 'OVERWRITE') this.#leave(step);
      else if (staged?.isDirectory() === true || there?.isDirectory() === true) this.#exchange(step);
      else renameSync(bytes(step.from), bytes(step.to));
    } catch (error) {
      if (error instanceof StrongroomError) throw error;
      throw new StrongroomError(
        'RESTORE_FAILED',
        { subject: pathToText(bytes(step.name)), reason: `${reasonOf(error)}; a retry goes on from here` },
        { cause: error },
      );
    }
  }

  #merge({ from, to, name }: Step): void {
    const source = openDirectory(from);
    try {
      const destination = openDirectory(to);
      try {
        for (const child of readdirSync(bytes(from), { encoding: 'latin1' }).toSorted()) {
          this.move({
            from: within(source, from, child),
            to: within(destination, to, child),
            name: `${name}/${child}`,
          });
        }
        if (this.#durable) fsyncSync(destination);
      } finally {
        closeSync(destination);
      }
    } finally {
      closeSync(source);
    }
    if (readdirSync(bytes(from)).length === 0) rmdirSync(bytes(from));
  }

  /** Renames unless something is there: then answers false. Where the file system can't do that in one step, it takes two. */
  #place({ from, to }: Step): boolean {
    try {
      if (this.#native !== undefined) return this.#native.renameIfAbsent(bytes(from), bytes(to));
    } catch (error) {
      if (!['EINVAL', 'ENOSYS'].includes(systemCode(error) ?? '')) throw error;
    }
    if (look(to) !== undefined) return false;
    renameSync(bytes(from), bytes(to));
    return true;
  }

  #leave(step: Step): void {
    const path = pathToText(bytes(step.name));
    const reason = 'something came up there meanwhile';
    this.#context.warn(warningOf(new StrongroomError('RESTORE_SKIPPED', { path, reason }), path));
  }

  /** A rename can't put a directory in place of something else, or the reverse: what is there makes room first. */
  #exchange(step: Step): void {
    let aside = `${this.#staging.replaced}/${this.#replaced++}`;
    while (look(aside) !== undefined) aside = `${this.#staging.replaced}/${this.#replaced++}`;
    renameSync(bytes(step.to), bytes(aside));
    if (!this.#place(step)) this.move(step);
  }
}

function openDirectory(path: string): number {
  return openSync(bytes(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** `name` in an open directory, whatever its path leads to by now. */
const within = (descriptor: number, path: string, name: string): string =>
  process.platform === 'linux' ? `/proc/self/fd/${descriptor}/${name}` : `${path}/${name}`;

function look(path: string): Stats | undefined {
  return lstatSync(bytes(path), { throwIfNoEntry: false });
}
