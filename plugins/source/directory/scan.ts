/**
 * Walks a tree depth first, in the order of `SourceEntry`. Runs in a thread of its own, so that synchronous calls are the
 * right ones: an asynchronous look costs ten times as much. Memory is bounded by the directories on the present path.
 *
 * What is ahead is not counted beforehand, which would cost an unchanged backup most of its time: `expect` gets what was
 * seen and what the open directories still hold, and so grows.
 */
import { isAscii } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { SourceContext, SourceEntry } from '../../../src/contracts/index.ts';
import { throwIfCancelled } from './cancel.ts';
import { EntryReader } from './entry-reader.ts';
import type { NamedPaths } from './named-paths.ts';
import type { PathFilter, Verdict } from './path-filter.ts';
import { STAGING_PREFIX } from './staging-name.ts';
import { unreadable } from './warnings.ts';

export interface ScanOptions {
  /** Absolute, links resolved. */
  readonly root: Buffer;
  readonly filter?: PathFilter | undefined;
  /** What the filter says of the root; `taken` when absent. */
  readonly rootVerdict?: Verdict | undefined;
  /** Leave out what lies on another file system; the directory it is mounted at is kept, empty. */
  readonly oneFileSystem?: boolean | undefined;
  /** A directory below the root that is not entered and not taken, by its path from there, one character a byte. */
  readonly leftOut?: string | undefined;
  /** Only these paths below the root, and the directories that lead there; those without times. */
  readonly named?: NamedPaths | undefined;
}

/** Paths and names hold one character a byte (latin1): a third of the memory of buffers, and sorted as their bytes are. */
interface Frame {
  readonly path: string;
  readonly names: readonly string[];
  next: number;
  readonly verdict: Verdict;
  readonly named: NamedPaths | undefined;
  /** The directory's own entry, until something in it is taken. */
  pending: SourceEntry | undefined;
}

/** Names looked at in one go, without a pause. */
const STEPS_AT_ONCE = 256;

/** Yields every entry below `root`, the root first, some hundred at once. Throws when the root itself can't be read, or on abort. */
export async function* scan(options: ScanOptions, context: SourceContext): AsyncGenerator<readonly SourceEntry[]> {
  throwIfCancelled(context.signal);
  const walk = new Walk(options, context);
  yield [walk.root];
  while (walk.top !== undefined) {
    yield walk.some();
    await setImmediate();
    throwIfCancelled(context.signal);
    walk.report();
  }
}

class Walk {
  readonly root: SourceEntry;
  readonly #options: ScanOptions;
  readonly #context: SourceContext;
  readonly #reader: EntryReader;
  readonly #device: bigint;
  readonly #stack: Frame[];
  #items = 1;
  #bytes = 0;
  #ahead: number;

  constructor(options: ScanOptions, context: SourceContext) {
    this.#options = options;
    this.#context = context;
    this.#reader = new EntryReader(options.root, context);
    const { entry, device } = this.#reader.root();
    this.root = options.named === undefined ? entry : leading(entry);
    this.#device = device;
    const names = options.named?.names() ?? this.#reader.rootNames();
    const verdict = options.rootVerdict ?? 'taken';
    this.#stack = [{ path: '', names, next: 0, verdict, named: options.named, pending: undefined }];
    this.#ahead = names.length;
  }

  /** The directory in which the next step is taken; `undefined` at the end. */
  get top(): Frame | undefined {
    return this.#stack.at(-1);
  }

  /** The entries among the next names. */
  some(): readonly SourceEntry[] {
    const entries: SourceEntry[] = [];
    for (let step = 0, frame = this.top; step < STEPS_AT_ONCE && frame !== undefined; step++, frame = this.top) {
      const entry = this.#step(frame);
      if (entry === undefined) continue;
      this.#takePending(entries);
      entries.push(entry);
    }
    return entries;
  }

  report(): void {
    this.#context.expect({ items: this.#items + this.#ahead, bytes: this.#bytes });
  }

  /** Looks at the next name in `frame`; the entry, if it is one to be taken. */
  #step(frame: Frame): SourceEntry | undefined {
    const name = frame.names[frame.next++];
    if (name === undefined) {
      this.#stack.pop();
      return undefined;
    }
    this.#ahead -= 1;
    const path = frame.path === '' ? name : `${frame.path}/${name}`;
    const found = this.#reader.read(path);
    if (found === undefined) return undefined;
    const isDirectory = found.kind === 'directory';
    const verdict = judge(this.#options.filter, path, name, isDirectory, frame.verdict);
    if (verdict === 'left' || path === this.#options.leftOut) return undefined;
    if (isDirectory && name.startsWith(STAGING_PREFIX)) return undefined;
    const named = frame.named?.below(name);
    const read = this.#reader.entry(found);
    if (read === undefined) return undefined;
    const entry = named === undefined ? read : leading(read);
    if (isDirectory && (this.#options.oneFileSystem !== true || found.stats.dev === this.#device)) {
      this.#enter(path, verdict, named, entry);
    }
    if (verdict !== 'taken') return undefined;
    this.#items += 1;
    if (entry.kind === 'file' && 'file' in entry.content) this.#bytes += entry.content.size;
    return entry;
  }

  /** The directories above the present place that were not taken yet: something in them is taken now. */
  #takePending(entries: SourceEntry[]): void {
    for (const frame of this.#stack) {
      if (frame.pending === undefined) continue;
      entries.push(frame.pending);
      frame.pending = undefined;
      this.#items += 1;
    }
  }

  #enter(path: string, verdict: Verdict, named: NamedPaths | undefined, entry: SourceEntry): void {
    const names = named?.names() ?? namesIn(this.#reader, path, this.#context);
    this.#ahead += names.length;
    this.#stack.push({ path, names, next: 0, verdict, named, pending: verdict === 'taken' ? undefined : entry });
  }
}

/** A directory that only leads to what is named: its times and attributes are not part of that. */
function leading(entry: SourceEntry): SourceEntry {
  const { mode, uid, gid } = entry.metadata;
  if (entry.kind !== 'directory' || mode === undefined || uid === undefined || gid === undefined) return entry;
  return { ...entry, metadata: { mode, uid, gid } };
}

function judge(
  filter: PathFilter | undefined,
  path: string,
  name: string,
  isDirectory: boolean,
  parent: Verdict,
): Verdict {
  return filter === undefined ? 'taken' : filter.judge(text(path), text(name), isDirectory, parent);
}

/** Text of a path of one character a byte. */
function text(path: string): string {
  const bytes = Buffer.from(path, 'latin1');
  return isAscii(bytes) ? path : bytes.toString('utf8');
}

/** Names in a directory, ascending by bytes; none, with a warning, when it can't be read. */
function namesIn(reader: EntryReader, path: string, context: SourceContext): readonly string[] {
  try {
    return readdirSync(reader.absolute(path), { encoding: 'latin1' }).toSorted();
  } catch (error) {
    context.warn(unreadable(Buffer.from(path, 'latin1'), error));
    return [];
  }
}
