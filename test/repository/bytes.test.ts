import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, EndError, MalformedError } from '../../src/repository/bytes.ts';

describe('varints', () => {
  it('come back as they were written, in at most eight bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (values) => {
        const writer = new ByteWriter(1);
        for (const value of values) writer.varint(value);
        const reader = new ByteReader(writer.view());
        expect(values.map(() => reader.varint())).toEqual(values);
        expect(reader.remaining).toBe(0);
        expect(writer.length).toBeLessThanOrEqual(values.length * 8);
      }),
    );
  });

  it('are refused past their limit', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (value, limit) => {
        const writer = new ByteWriter();
        writer.varint(value);
        const read = (): number => new ByteReader(writer.view()).varint(limit);
        if (value <= limit) expect(read()).toBe(value);
        else expect(read).toThrow(MalformedError);
      }),
    );
  });

  it.each([Buffer.alloc(9, 0x80), Buffer.alloc(100, 0xff), Buffer.from([0x80])])(
    'are refused without end: %#',
    (bytes) => {
      expect(() => new ByteReader(bytes).varint()).toThrow(MalformedError);
    },
  );

  it('never exceed a safe integer, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10 }), (bytes) => {
        const reader = new ByteReader(bytes);
        try {
          expect(Number.isSafeInteger(reader.varint())).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('fixed numbers and blobs', () => {
  const value = fc.oneof(
    fc.nat({ max: 0xff }).map((number) => ['u8', number] as const),
    fc.nat({ max: 0xffff }).map((number) => ['u16', number] as const),
    fc.nat({ max: 0xffff_ffff }).map((number) => ['u32', number] as const),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => ['i64', number] as const),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((number) => ['u64', number] as const),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => ['blob', Buffer.from(bytes)] as const),
  );
  type Value = typeof value extends fc.Arbitrary<infer T> ? T : never;
  const write = (writer: ByteWriter, [kind, content]: Value): void => {
    if (kind === 'i64' || kind === 'u64') writer[kind](content);
    else if (kind === 'blob') writer.blob(content);
    else writer[kind](content);
  };

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const writer = new ByteWriter(1);
        for (const one of values) write(writer, one);
        const reader = new ByteReader(writer.view());
        for (const [kind, content] of values) {
          expect(kind === 'blob' ? reader.blob(300) : reader[kind]()).toEqual(content);
        }
      }),
    );
  });

  it('are refused when cut short, naming where', () => {
    fc.assert(
      fc.property(value, fc.nat({ max: 400 }), (one, cut) => {
        const writer = new ByteWriter();
        write(writer, one);
        const short = writer.view().subarray(0, Math.min(cut, writer.length - 1));
        const [kind] = one;
        const reader = new ByteReader(short);
        expect(() => (kind === 'blob' ? reader.blob(300) : reader[kind]())).toThrow(EndError);
      }),
    );
  });

  it('take no memory for a length that passes the limit or the end', () => {
    const writer = new ByteWriter();
    writer.varint(2 ** 50);
    expect(() => new ByteReader(writer.view()).blob(2 ** 20)).toThrow(/passes the limit/);
    expect(() => new ByteReader(writer.view()).blob(Number.MAX_SAFE_INTEGER)).toThrow(EndError);
  });
});
