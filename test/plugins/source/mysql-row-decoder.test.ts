import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowDecoder, ServerRefusal } from '../../../plugins/source/mysql/row-decoder.ts';

const LONGEST = 0xff_ff_ff;

/** A message, in as many packets as it needs. */
function packets(message: Buffer, number: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(Math.min(message.length, LONGEST), 0, 3);
  header.writeUInt8(number & 0xff, 3);
  if (message.length < LONGEST) return Buffer.concat([header, message]);
  return Buffer.concat([header, message.subarray(0, LONGEST), packets(message.subarray(LONGEST), number + 1)]);
}

function lengthOf(value: Buffer): Buffer {
  if (value.length < 0xfb) return Buffer.from([value.length]);
  const bytes = value.length < 2 ** 16 ? 2 : value.length < 2 ** 24 ? 3 : 8;
  const length = Buffer.alloc(1 + bytes);
  length.writeUInt8(bytes === 2 ? 0xfc : bytes === 3 ? 0xfd : 0xfe, 0);
  if (bytes === 8) length.writeBigUInt64LE(BigInt(value.length), 1);
  else length.writeUIntLE(value.length, 1, bytes);
  return length;
}

type Value = Uint8Array | null;

const rowMessage = (row: readonly Value[]): Buffer =>
  Buffer.concat(
    row.flatMap((value) =>
      value === null ? [Buffer.from([0xfb])] : [lengthOf(Buffer.from(value)), Buffer.from(value)],
    ),
  );

const end = Buffer.from([0xfe, 0, 0, 2, 0]);

/** All that a server answers to a query. */
function answerOf(columns: number, rows: readonly (readonly Value[])[], last = end): Buffer {
  const count = columns < 0xfb ? Buffer.from([columns]) : Buffer.from([0xfc, columns & 0xff, columns >> 8]);
  const definitions = Array.from({ length: columns }, (_, at) => Buffer.from(`definition ${at}`));
  const messages = [count, ...definitions, end, ...rows.map(rowMessage), last];
  return Buffer.concat(messages.map((message, number) => packets(message, number + 1)));
}

const escaped = (value: Uint8Array): Buffer => {
  const text = Buffer.from(value).toString('latin1').replaceAll('\\', '\\\\');
  return Buffer.from(text.replaceAll('\t', '\\t').replaceAll('\n', '\\n'), 'latin1');
};

const textOf = (rows: readonly (readonly Value[])[]): Buffer =>
  Buffer.concat(
    rows.map((row) => {
      const values = row.map((value) => (value === null ? Buffer.from('\\N') : escaped(value)));
      return Buffer.concat(values.flatMap((value, at) => [value, Buffer.from(at === row.length - 1 ? '\n' : '\t')]));
    }),
  );

/** What a decoder makes of the bytes in pieces of these lengths. */
function decode(bytes: Buffer, lengths: readonly number[]): { decoder: RowDecoder; text: Buffer } {
  const decoder = new RowDecoder();
  const text: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const length = lengths[index % lengths.length] ?? 1;
    text.push(Buffer.from(decoder.decode(Buffer.from(bytes.subarray(at, at + length)))));
    at += length;
  }
  return { decoder, text: Buffer.concat(text) };
}

const value = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 12 }),
  fc
    .array(fc.constantFrom(9, 10, 92, 78, 0, 0xfb, 0xfe, 0xff), { maxLength: 8 })
    .map((bytes) => Uint8Array.from(bytes)),
  fc.integer({ min: 240, max: 70_000 }).map((length) => new Uint8Array(length).fill(92)),
);

const table = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { maxLength: 12 }),
  }),
);

test('rows become lines, however the connection cuts them', () => {
  fc.assert(
    fc.property(
      table,
      fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 6 }),
      ({ columns, rows }, lengths) => {
        const { decoder, text } = decode(answerOf(columns, rows), lengths);
        expect(decoder.ended).toBe(true);
        expect(decoder.rows).toBe(rows.length);
        expect(text.equals(textOf(rows))).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test('cut at every byte, and with more columns than one byte counts', () => {
  const rows = [
    [new Uint8Array(), null, Buffer.from('a\tb\\c\nd')],
    [null, null, null],
  ];
  expect(decode(answerOf(3, rows), [1]).text.toString()).toBe('\t\\N\ta\\tb\\\\c\\nd\n\\N\t\\N\t\\N\n');
  const wide = [Array.from({ length: 1_017 }, (_, at) => Buffer.from(String(at)))];
  expect(decode(answerOf(1_017, wide), [7]).text.equals(textOf(wide))).toBe(true);
});

test.each([LONGEST - 5, LONGEST - 4, LONGEST, 2 * LONGEST + 3])(
  'a value of %d bytes comes in several packets',
  (length) => {
    const rows = [
      [Buffer.alloc(length, 'x'), Buffer.from('after')],
      [Buffer.from('next'), null],
    ];
    const { decoder, text } = decode(answerOf(2, rows), [65_536]);
    expect(decoder.rows).toBe(2);
    expect(text.equals(textOf(rows))).toBe(true);
  },
);

test('what the server refuses is thrown in its words, before the rows and among them', () => {
  const refusal = Buffer.concat([Buffer.from([0xff, 0x84, 0x05]), Buffer.from('#HY000Table definition has changed')]);
  const expected = new ServerRefusal(1412, 'Table definition has changed');
  expect(() => decode(packets(refusal, 1), [3])).toThrow(expected);
  expect(() => decode(answerOf(1, [[Buffer.from('a')]], refusal), [5])).toThrow(expected);
});
