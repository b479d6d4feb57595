/** Stores a stream: cut here, hashed, compressed and sealed by the lanes, some groups of chunks at once. */
import { asBuffer } from './bytes.ts';
import type { Chunker } from './chunker.ts';
import type { ContentBuilder } from './content.ts';
import type { LanePool } from './lane-pool.ts';
import type { AnswerTo, LaneCounts } from './lane-protocol.ts';

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
  const inFlight: Promise<AnswerTo<'storeChunks'>>[] = [];
  let group: Uint8Array<ArrayBuffer> = Buffer.allocUnsafeSlow(GROUP_BYTES + 2 * max);
  let filled = 0;
  let cut = 0;
  let lengths: number[] = [];
  let total = 0;

  const collect = async (most: number): Promise<void> => {
    while (inFlight.length > most) {
      const answer = await inFlight.shift();
      if (answer === undefined) return;
      content.add(answer.ids);
      onGroup(answer.counts);
    }
  };
  const send = async (): Promise<void> => {
    if (lengths.length === 0) return;
    const next = Buffer.allocUnsafeSlow(group.length);
    next.set(group.subarray(cut, filled));
    const bytes = group.subarray(0, cut);
    const { answer } = await pool.submit({ kind: 'storeChunks', bytes, lengths }, [group.buffer]);
    inFlight.push(answer);
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

  for await (const piece of stream) {
    const bytes = asBuffer(piece);
    for (let at = 0; at < bytes.length;) {
      const count = bytes.copy(group, filled, at);
      at += count;
      filled += count;
      total += count;
      await cutChunks(max);
    }
  }
  await cutChunks(1);
  await send();
  await collect(0);
  return total;
}
