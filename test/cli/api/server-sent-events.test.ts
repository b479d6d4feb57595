import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serverSentEvents } from '../../../src/cli/api/server-sent-events.ts';

async function read(...parts: Uint8Array[]) {
  return Array.fromAsync(serverSentEvents(Readable.from(parts)));
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('events, comments and several lines of data', async () => {
  const stream =
    ':\n\nevent: next\ndata: {"a":1}\n\n: keep alive\n\nevent: next\ndata:x\ndata: y\n\nevent: complete\n\n';
  expect(await read(bytes(stream))).toEqual([
    { event: 'next', data: '{"a":1}' },
    { event: 'next', data: 'x\ny' },
    { event: 'complete', data: '' },
  ]);
});

test('an event that is not ended is not given', async () => {
  expect(await read(bytes('event: next\ndata: half'))).toEqual([]);
});

test('it does not matter where the bytes are cut, nor which line ends there are', async () => {
  const expected = [
    { event: 'next', data: '{"name":"Grüße, 日本 🗝"}' },
    { event: 'complete', data: '' },
  ];
  const text = 'event: next\ndata: {"name":"Grüße, 日本 🗝"}\n\nevent: complete\ndata:\n\n';
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(200)), fc.constantFrom('\n', '\r\n', '\r'), async (cuts, lineEnd) => {
      // A last carriage return waits for what may follow it: a comment ends it.
      const whole = bytes(`${text.replaceAll('\n', lineEnd)}:${lineEnd}`);
      const marks = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
      const parts = marks.slice(1).map((end, index) => whole.slice(marks[index], end));
      expect(await read(...parts)).toEqual(expected);
    }),
  );
});

test('an endless event is refused', async () => {
  const part = bytes('x'.repeat(1024 * 1024));
  await expect(read(part, part, part, part, part)).rejects.toThrow('longer than 4 MiB');
});
