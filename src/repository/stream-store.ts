/** Stores a stream: cut here, hashed, compressed and sealed by the lanes, some groups of chunks at once. */
import { Readable } from 'node:stream';
import { copyBytes } from '../contracts/index.ts';
import { asBuffer } from './bytes.ts';
import type { Chunker } from './chunker.ts';
import type { ContentBuilder } from './content.ts';
import type { LanePool } from './lane-pool.ts';
import type { AnswerTo, LaneCounts } from './lane-protocol.ts';
import { release } from './release.ts';

/** Chunks go to the lanes in groups of about this many bytes. */
const GROUP_BYTES = 4 * 2 ** 20;

/** Reads the stream to its end, adding ids to `content`; returns its length. `onGroup` hears of each group stored, in order. */
export async function storeStream(
  stream: AsyncIterable<Uint8Array>,
  chunker: Chunker,
  pool: LanePool,
  content: ContentBuilder,
  onGroup: (counts: LaneCounts) => void,
): Promise<number> {
  const { max } = chunker.parameters;
  const inFlight: { readonly answer: Promise<AnswerTo<'storeChunks'>>; readonly buffer: Buffer }[] = [];
  const free: Buffer[] = [];
  const takeBuffer = (): Buffer => free.pop() ?? Buffer.from(new SharedArrayBuffer(GROUP_BYTES + 2 * max));
  let group = takeBuffer();
  let filled = 0;
  let cut = 0;
  let lengths: number[] = [];
  let total = 0;

  const collect = async (most: number): Promise<void> => {
    while (inFlight.length > most) {
      const first = inFlight.shift();
      if (first === undefined) return;
      const { ids, counts } = await first.answer;
      free.push(first.buffer);
      content.add(ids);
      onGroup(counts);
    }
  };
  const send = async (): Promise<void> => {
    if (lengths.length === 0) return;
    const next = takeBuffer();
    group.copy(next, 0, cut, filled);
    const { answer } = await pool.submit({ kind: 'storeChunks', bytes: group.subarray(0, cut), lengths });
    inFlight.push({ answer, buffer: group });
    group = next;
    filled -= cut;
    cut = 0;
    lengths = [];
    await collect(2 * pool.width);
  };
  /** Cuts as long as `least` bytes are uncut, so that cuts do not depend on how the stream arrives. */
  const cutChunks = async (least: number): Promise<void> => {
    while (filled - cut >= least) {
      const length = chunker.cut(group, cut, filled);
      cut += length;
      lengths.push(length);
      if (cut >= GROUP_BYTES) await send();
    }
  };

  // Left to the collector, pieces would have it run some 20 times a second. A source's own iterator may use their memory again.
  const isOurs = stream instanceof Readable;
  for await (const piece of stream) {
    const bytes = asBuffer(piece);
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + group.length - filled);
      copyBytes(part, group, filled);
      at += part.length;
      filled += part.length;
      total += part.length;
      await cutChunks(max);
    }
    if (isOurs && piece.byteLength === piece.buffer.byteLength) release(piece);
  }
  await cutChunks(1);
  await send();
  await collect(0);
  return total;
}
