/** Files of rows, as a source of databases yields them: one for each part of a table. */
import { createHash } from 'node:crypto';
import type { SourceEntry, SourceYield } from '../../../src/contracts/index.ts';
import { directoryEntry } from './entries.ts';
import { partName, segmentOf } from './segments.ts';
import type { PartResult } from './table-progress.ts';

/** Entries that come together: more would only take memory. */
const ENTRIES_AT_ONCE = 20_000;

/** A part of a table that is to become a file. */
export interface RowFile {
  /** What the table is called, from the outside in: perhaps its schema, and itself. */
  readonly names: readonly string[];
  readonly part: number;
  /** About how many bytes it takes in the table. */
  readonly bytes: number;
  readonly stream: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** The files below `root`, with their folders, in the order of a tree. */
export function* rowFiles(root: string, files: readonly RowFile[]): Generator<SourceYield> {
  let entries: SourceEntry[] = [directoryEntry(root)];
  let inside: readonly string[] = [];
  for (const { segments, file } of inTreeOrder(files)) {
    const first = segments.findIndex((segment, depth) => segment !== inside[depth]);
    for (const depth of segments.keys()) {
      if (first < 0 || depth < first) continue;
      entries.push(directoryEntry([root, ...segments.slice(0, depth + 1)].join('/')));
    }
    inside = segments;
    entries.push({
      kind: 'file',
      path: Buffer.from([root, ...segments, partName(file.part)].join('/')),
      metadata: { mode: 0o600 },
      content: { stream: file.stream, size: file.bytes },
    });
    if (entries.length < ENTRIES_AT_ONCE) continue;
    yield entries;
    entries = [];
  }
  yield entries;
}

interface PlacedFile {
  readonly segments: readonly string[];
  readonly file: RowFile;
}

/** Directories are ordered by the bytes of their names. */
function inTreeOrder(files: readonly RowFile[]): readonly PlacedFile[] {
  const placed = files.map((file) => {
    const segments = file.names.map(segmentOf);
    return { segments, file, bytes: segments.map((segment) => Buffer.from(segment)) };
  });
  return placed.toSorted((a, b) => {
    for (const [depth, bytes] of a.bytes.entries()) {
      const order = Buffer.compare(bytes, b.bytes[depth] ?? Buffer.alloc(0));
      if (order !== 0) return order;
    }
    return a.file.part - b.file.part;
  });
}

/** Passes rows on, counted and summed on their way; `rows` returns their number. Tells the result when all are through. */
export async function* counted(
  rows: AsyncGenerator<Uint8Array, number>,
  finish: (result: PartResult) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await rows.next();
      if (done === true) {
        finish({ rows: value, bytes, checksum: hash.digest('hex') });
        return;
      }
      hash.update(value);
      bytes += value.length;
      yield value;
    }
  } finally {
    // A reader that stops early must not leave the server in the middle of a table.
    await rows.return(0);
  }
}
