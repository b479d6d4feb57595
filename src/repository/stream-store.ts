/** Stores streams: cut here, hashed, compressed and sealed by the lanes, some groups of chunks at once. */
import { Readable } from 'node:stream';
import { copyBytes, release } from '../contracts/index.ts';
import { asBuffer } from './bytes.ts';
import type { Chunker } from './chunker.ts';
import type { ContentBuilder } from './content.ts';
import type { LanePool } from './lane-pool.ts';
import type { AnswerTo, LaneCounts } from './lane-protocol.ts';

/** Chunks go to the lanes in groups of about this many bytes. */
const GROUP_BYTES = 4 * 2 ** 20;

/** What the streams of a source share: buffers, and the room for groups on their way. */
export class StreamStore {
  readonly #chunker: Chunker;
  readonly #pool: LanePool;
  readonly #onGroup: (counts: LaneCounts) => void;
  readonly #free: Buffer[] = [];
  #open = 0;

  /** @param onGroup hears of each group stored */
  constructor(chunker: Chunker, pool: LanePool, onGroup: (counts: LaneCounts) => void) {
    this.#chunker = chunker;
    this.#pool = pool;
    this.#onGroup = onGroup;
  }

  /** Reads a stream to its end, adding ids to `content`; returns its length. May be called again before it is done. */
  async store(stream: AsyncIterable<Uint8Array>, content: ContentBuilder): Promise<number> {
    this.#open += 1;
    try {
      return await this.#store(stream, content);
    } finally {
      this.#open -= 1;
    }
  }

  /** Groups that one stream may have on their way, so that all together keep the lanes busy and no more. */
  get #mostInFlight(): number {
    return Math.max(1, Math.ceil((2 * this.#pool.width) / this.#open));
  }

  #takeBuffer(): Buffer {
    return this.#free.pop() ?? Buffer.from(new SharedArrayBuffer(GROUP_BYTES + 2 * this.#chunker.parameters.max));
  }

  async #store(stream: AsyncIterable<Uint8Array>, content: ContentBuilder): Promise<number> {
    const { max } = this.#chunker.parameters;
    const inFlight: { readonly answer: Promise<AnswerTo<'storeChunks'>>; readonly buffer: Buffer }[] = [];
    let group = this.#takeBuffer();
    let filled = 0;
    let cut = 0;
    let lengths: number[] = [];
    let total = 0;

    const collect = async (most: number): Promise<void> => {
      while (inFlight.length > most) {
        const first = inFlight.shift();
        if (first === undefined) return;
        const { ids, counts } = await first.answer;
        this.#free.push(first.buffer);
        content.add(ids);
        this.#onGroup(counts);
      }
    };
    const send = async (): Promise<void> => {
      if (lengths.length === 0) return;
      const next = this.#takeBuffer();
      group.copy(next, 0, cut, filled);
      const { answer } = await this.#pool.submit({ kind: 'storeChunks', bytes: group.subarray(0, cut), lengths });
      inFlight.push({ answer, buffer: group });
      group = next;
      filled -= cut;
      cut = 0;
      lengths = [];
      await collect(this.#mostInFlight);
    };
    /** Cuts as long as `least` bytes are uncut, so that cuts do not depend on how the stream arrives. */
    const cutChunks = async (least: number): Promise<void> => {
      while (filled - cut >= least) {
        const length = this.#chunker.cut(group, cut, filled);
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
        if (filled - cut >= max) await cutChunks(max);
      }
      if (isOurs && piece.byteLength === piece.buffer.byteLength) release(piece);
    }
    await cutChunks(1);
    await send();
    await collect(0);
    this.#free.push(group);
    return total;
  }
}
