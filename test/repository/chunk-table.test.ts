import { createHash } from 'node:crypto';
import { MessageChannel, Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkSet } from '../../src/repository/chunk-table.ts';
import { allocateIdTable, type IdTableMemory } from '../../src/repository/id-table.ts';

type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'grow'; readonly levels: number; readonly capacity: number }
  | { readonly kind: 'added'; readonly added: readonly number[]; readonly missing: number };

/** Real threads add the same ids at once; each answers which were new to it. */
async function race(threads: number, count: number, capacity: number) {
  const levels: IdTableMemory[] = [allocateIdTable(capacity)];
  const start = new SharedArrayBuffer(4);
  const supplies = new Set<MessageChannel>();
  let ready = 0;
  const answers = await Promise.all(
    Array.from({ length: threads }, () => {
      const supply = new MessageChannel();
      supplies.add(supply);
      const worker = new Worker(new URL('../fixtures/engine/chunk-table-adder.ts', import.meta.url), {
        workerData: { levels: [...levels], count, start, supply: supply.port2 },
        transferList: [supply.port2],
      });
      return new Promise<Extract<Message, { kind: 'added' }>>((resolve, reject) => {
        worker.on('error', reject);
        worker.on('message', (message: Message) => {
          if (message.kind === 'added') resolve(message);
          if (message.kind === 'ready' && ++ready === threads) {
            Atomics.store(new Int32Array(start), 0, 1);
            Atomics.notify(new Int32Array(start), 0);
          }
          if (message.kind === 'grow' && message.levels === levels.length) {
            const level = allocateIdTable(message.capacity);
            levels.push(level);
            for (const { port1 } of supplies) port1.postMessage(level);
          }
        });
      });
    }),
  );
  for (const { port1 } of supplies) port1.close();
  return { answers, levels };
}

describe('the shared set of chunks', () => {
  it('gives each id to exactly one thread', async () => {
    const count = 30_000;
    const { answers, levels } = await race(4, count, count + 4);
    const added = answers.flatMap((answer) => answer.added);
    expect(levels).toHaveLength(1);
    expect(added).toHaveLength(count);
    expect(new Set(added).size).toBe(count);
  });

  it('grows under its users without losing an id', async () => {
    const count = 20_000;
    const { answers, levels } = await race(3, count, 1000);
    expect(levels.length).toBeGreaterThan(3);
    expect(answers.map(({ missing }) => missing)).toEqual([0, 0, 0]);
    const added = answers.flatMap((answer) => answer.added);
    expect(new Set(added).size).toBe(count);
    // An id may be added twice while a new level is on its way, seldom.
    expect(added.length).toBeLessThan(count * 1.5);
  });

  it('answers like a set in one thread', () => {
    const idOf = (number: number): Buffer => createHash('sha256').update(String(number)).digest();
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 400 }), { maxLength: 400 }), (numbers) => {
        const set = new ChunkSet([allocateIdTable(20)], (capacity) => set.addLevel(allocateIdTable(capacity)));
        const model = new Set<number>();
        for (const number of numbers) {
          expect(set.has(idOf(number))).toBe(model.has(number));
          expect(set.add(idOf(number))).toBe(!model.has(number));
          model.add(number);
        }
      }),
    );
  });

  it('adds nothing to a level that is not the newest', () => {
    const id = createHash('sha256').digest();
    const full = allocateIdTable(0);
    const set = new ChunkSet([full, allocateIdTable(10)], () => undefined);
    expect(set.add(id)).toBe(true);
    expect(set.has(id)).toBe(true);
    expect(new ChunkSet([full], () => undefined).has(id)).toBe(false);
  });

  it('tells apart ids that differ in any word and fall on one slot', () => {
    const set = new ChunkSet([allocateIdTable(64)], () => undefined);
    for (let word = 0; word < 8; word++) {
      const id = Buffer.alloc(32);
      id.writeUInt32LE(64, word * 4);
      expect(set.add(id)).toBe(true);
      expect(set.add(id)).toBe(false);
    }
    expect(set.has(Buffer.alloc(32))).toBe(false);
  });
});
