import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowExtractor } from '../../../plugins/source/postgres/copy-out.ts';

interface Message {
  readonly kind: string;
  readonly payload: Uint8Array;
}

const message = (kind: string, payload: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(5 + payload.length);
  bytes.write(kind, 0, 'latin1');
  bytes.writeInt32BE(payload.length + 4, 1);
  bytes.set(payload, 5);
  return bytes;
};

const messages = fc.array(
  fc.record({ kind: fc.constantFrom('d', 'd', 'd', 'N', 'S', 'A', 'H'), payload: fc.uint8Array({ maxLength: 40 }) }),
  { maxLength: 30 },
);

/** The same bytes in pieces of these lengths, each in memory of its own. */
function inPieces(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const length = lengths[index % lengths.length] ?? 1;
    pieces.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return pieces;
}

test('rows are what the messages of rows hold, however the connection cuts them, and the rest is left alone', () => {
  fc.assert(
    fc.property(
      messages,
      fc.constantFrom('c', 'E', 'C'),
      fc.uint8Array({ maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      (before: readonly Message[], end, after, lengths) => {
        const tail = Buffer.concat([message(end, after), message('Z', Buffer.from('I'))]);
        const stream = Buffer.concat([...before.map(({ kind, payload }) => message(kind, payload)), tail]);
        const extractor = new RowExtractor();
        const rows: Buffer[] = [];
        const rest: Buffer[] = [];
        for (const piece of inPieces(stream, lengths)) {
          if (rest.length > 0) {
            rest.push(piece);
            continue;
          }
          const found = extractor.extract(piece);
          rows.push(Buffer.from(found.rows));
          if (found.rest !== undefined) rest.push(found.rest);
        }
        const expected = before.filter(({ kind }) => kind === 'd').map(({ payload }) => payload);
        expect(Buffer.concat(rows)).toEqual(Buffer.concat(expected));
        expect(Buffer.concat(rest)).toEqual(tail);
      },
    ),
    { numRuns: 500 },
  );
});
