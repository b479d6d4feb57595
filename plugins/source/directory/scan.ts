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
  /** Only these paths below the root, and the directories that lead there. */
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

const PAUSE_EVERY = 256;

/** Yields every entry below `root`, the root first. Throws when the root itself can't be read, or on abort. */
export async function* scan(options: ScanOptions, context: SourceContext): AsyncGenerator<SourceEntry> {
  throwIfCancelled(context.signal);
  const reader = new EntryReader(options.root, context);
  const root = reader.root();
  const stack: Frame[] = [
    {
      path: '',
      names: options.named?.names() ?? reader.rootNames(),
      next: 0,
      verdict: options.rootVerdict ?? 'taken',
      named: options.named,
      pending: undefined,
    },
  ];
  yield root.entry;

  let items = 1;
  let bytes = 0;
  let ahead = stack[0]?.names.length ?? 0;
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const name = frame.names[frame.next++];
    if (name === undefined) {
      stack.pop();
      continue;
    }
    ahead -= 1;
    if (items++ % PAUSE_EVERY === 0) {
      await setImmediate();
      throwIfCancelled(context.signal);
      context.expect({ items: items + ahead, bytes });
    }
    const path = frame.path === '' ? name : `${frame.path}/${name}`;
    const named = frame.named?.below(name);
    const found = reader.read(path);
    if (found === undefined) continue;

    const isDirectory = found.kind === 'directory';
    const verdict = judge(options.filter, path, name, isDirectory, frame.verdict);
    if (verdict === 'left' || (isDirectory && name.startsWith(STAGING_PREFIX))) continue;
    const entry = reader.entry(found);
    if (entry === undefined) continue;
    if (verdict === 'taken') {
      for (const parent of stack) {
        if (parent.pending === undefined) continue;
        yield parent.pending;
        parent.pending = undefined;
      }
      yield entry;
      if (entry.kind === 'file' && 'file' in entry.content) bytes += entry.content.size;
    }
    if (!isDirectory) continue;
    if (options.oneFileSystem === true && found.stats.dev !== root.device) continue;
    const names = named?.names() ?? namesIn(reader, path, context);
    ahead += names.length;
    stack.push({ path, names, next: 0, verdict, named, pending: verdict === 'taken' ? undefined : entry });
  }
  context.expect({ items, bytes });
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
    return readdirSync(reader.absolute(path), { encoding: 'latin1' }).sort();
  } catch (error) {
    context.warn(unreadable(Buffer.from(path, 'latin1'), error));
    return [];
  }
}
