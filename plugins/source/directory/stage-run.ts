/** The first half of a restore: entries are compared with the target and staged; nothing of the target changes. */
import { accessSync, constants } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { pathToText } from '../../../src/contracts/index.ts';
import type { EntryMetadata, RestoreContext, RestoreEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import type { AttributeSetter } from './attributes.ts';
import { throwIfCancelled } from './cancel.ts';
import { DirectoryJournal } from './directory-journal.ts';
import type { FileRestore } from './file-restore.ts';
import { StagedTree } from './staged-tree.ts';
import type { Staging } from './staging.ts';
import { TargetView } from './target-view.ts';
import type { Standing } from './target-view.ts';
import { TreeGuard } from './tree-guard.ts';
import { reasonOf, systemCode, warningOf } from './warnings.ts';

/** Files being written at once: enough that those which share stored data are written together, few enough to bound memory. */
const FILES_IN_FLIGHT = 8192;
const PAUSE_EVERY = 256;

/** Damage of stored data costs the entries that need it, not the restore. */
const DAMAGE: ReadonlySet<string> = new Set(['REPOSITORY_DAMAGED', 'BLOCK_UNREADABLE', 'STORAGE_OBJECT_MISSING']);

/** What a directory gets of which the backup says nothing. */
const PLAIN: EntryMetadata = { mode: 0o755 };

export class StageRun {
  readonly #restore: FileRestore;
  readonly #context: RestoreContext;
  readonly #staging: Staging;
  readonly #view: TargetView;
  readonly #journal: DirectoryJournal;
  readonly #tree: StagedTree;
  readonly #guard = new TreeGuard();
  readonly #inFlight = new Set<Promise<void>>();
  /** Lets the loop go on that waits for a file to be done. */
  #resume: () => void = () => undefined;
  #failure: { readonly error: unknown } | undefined;
  #conflicts = 0;
  #firstConflict = '';
  /** The last thing found in the way; what lies below it is no conflict of its own. */
  #obstacle: string | undefined;
  #checked: string | undefined;

  constructor(target: string, staging: Staging, attributes: AttributeSetter, restore: FileRestore) {
    this.#restore = restore;
    this.#context = restore.context;
    this.#staging = staging;
    this.#view = new TargetView(target);
    this.#journal = new DirectoryJournal(staging.directories);
    this.#tree = new StagedTree(staging, attributes, this.#journal, (path) =>
      this.#view.at(path).kind === 'directory' ? undefined : PLAIN,
    );
  }

  /** Stages everything. On failure no write is under way any more when it rejects. */
  async run(entries: AsyncIterable<RestoreEntry>): Promise<void> {
    try {
      let count = 0;
      for await (const entry of entries) {
        if (++count % PAUSE_EVERY === 0) await setImmediate();
        throwIfCancelled(this.#context.signal);
        if (this.#failure !== undefined) break;
        this.#take(entry);
        if (this.#inFlight.size >= FILES_IN_FLIGHT) await new Promise<void>((resume) => (this.#resume = resume));
      }
    } finally {
      await Promise.all(this.#inFlight);
      this.#tree.finish();
      this.#journal.close();
    }
    throwIfCancelled(this.#context.signal);
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#conflicts > 0) {
      throw new StrongroomError('RESTORE_CONFLICT', { count: this.#conflicts, first: this.#firstConflict });
    }
  }

  #take(entry: RestoreEntry): void {
    const admitted = this.#guard.admit(entry);
    if ('refused' in admitted) {
      this.#skipped(entry.path, admitted.refused);
      return;
    }
    const { path } = admitted;
    const standing = this.#view.at(path);
    if (!this.#admits(entry, path, standing) || this.#conflicts > 0) return;
    try {
      if (standing.kind === 'absent') this.#checkParent(path);
      this.#stage(entry, path, this.#directoryMetadata(entry, standing));
    } catch (error) {
      this.#failure ??= { error: failureOf(error, entry.path) };
    }
  }

  /** Whether the entry is to be written, given what stands there. Counts conflicts, and says what is left out. */
  #admits(entry: RestoreEntry, path: string, standing: Standing): boolean {
    if (standing.kind === 'absent' || (standing.kind === 'directory' && entry.kind === 'directory')) return true;
    const { policy } = this.#restore;
    if (policy === 'OVERWRITE') return true;
    const obstacle = standing.kind === 'blocked' ? standing.by : path;
    if (obstacle === this.#obstacle) return false;
    this.#obstacle = obstacle;
    if (policy === 'FAIL') {
      this.#conflicts += 1;
      if (this.#conflicts === 1) this.#firstConflict = pathToText(this.#view.absolute(obstacle));
    } else if (standing.kind === 'blocked' || entry.kind === 'directory') {
      this.#skipped(entry.path, `${pathToText(this.#view.absolute(obstacle))} is no directory`);
    }
    return false;
  }

  /** A directory that is there keeps what it has, unless it is overwritten; one without a time only leads to others. */
  #directoryMetadata(entry: RestoreEntry, standing: Standing): EntryMetadata | undefined {
    if (standing.kind !== 'directory') return { ...PLAIN, ...entry.metadata };
    return this.#restore.policy === 'OVERWRITE' && entry.metadata.mtimeNs !== undefined ? entry.metadata : undefined;
  }

  #stage(entry: RestoreEntry, path: string, metadata: EntryMetadata | undefined): void {
    if (entry.kind === 'file') {
      const written = this.#tree.file(path, entry);
      if (written === undefined) this.#skipped(entry.path, 'something else has its place');
      else this.#track(written, entry);
      return;
    }
    const staged =
      entry.kind === 'directory'
        ? this.#tree.directory(path, metadata)
        : this.#tree.symlink(path, entry, entry.target ?? Buffer.alloc(0));
    if (staged) this.#context.done({ path: entry.path, kind: entry.kind, bytes: 0 });
    else this.#skipped(entry.path, 'something else has its place');
  }

  #track(written: Promise<void>, entry: RestoreEntry): void {
    const settled = written
      .then(
        () => this.#context.done({ path: entry.path, kind: 'file', bytes: entry.size }),
        (error: unknown) => {
          if (error instanceof StrongroomError && DAMAGE.has(error.code)) {
            this.#context.warn(warningOf(error, pathToText(entry.path)));
          } else this.#failure ??= { error: failureOf(error, entry.path) };
        },
      )
      .finally(() => {
        this.#inFlight.delete(settled);
        this.#resume();
      });
    this.#inFlight.add(settled);
  }

  /** Proves, before anything is changed, that what is staged can be renamed into the directory it belongs in. */
  #checkParent(path: string): void {
    if (path === '') return;
    const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    if (parent === this.#checked) return;
    this.#checked = parent;
    const standing = this.#view.parent(path);
    if (standing.kind !== 'directory') return;
    const at = this.#view.absolute(parent);
    if (standing.stats.dev !== this.#staging.device) {
      const reason = `${pathToText(at)} lies on another file system than the rest`;
      throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
    }
    accessSync(at, constants.R_OK | constants.W_OK | constants.X_OK);
  }

  #skipped(path: Buffer, reason: string): void {
    const text = pathToText(path);
    this.#context.warn(warningOf(new StrongroomError('RESTORE_SKIPPED', { path: text, reason }), text));
  }
}

function failureOf(error: unknown, path: Buffer): StrongroomError {
  if (error instanceof StrongroomError) return error;
  const reason = systemCode(error) === 'ENOSPC' ? 'the disk is full' : reasonOf(error);
  return new StrongroomError('RESTORE_FAILED', { subject: pathToText(path), reason }, { cause: error });
}
