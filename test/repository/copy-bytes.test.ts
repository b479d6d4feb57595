import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyBytes } from '../../src/contracts/index.ts';

const memories = {
  own: (length: number) => new ArrayBuffer(length),
  shared: (length: number) => new SharedArrayBuffer(length),
};
const memory = fc.constantFrom<keyof typeof memories>('own', 'shared');

it('copies all bytes and no others, wherever they lie', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      memory,
      memory,
      fc.nat(9),
      fc.nat(9),
      fc.nat(9),
      (bytes, from, to, sourceStart, targetStart, at) => {
        const source = Buffer.from(memories[from](sourceStart + bytes.length), sourceStart);
        for (const [index, byte] of bytes.entries()) source[index] = byte;
        const target = new Uint8Array(memories[to](targetStart + at + bytes.length + 5), targetStart).fill(7);
        copyBytes(source, target, at);
        const sevens = (count: number): number[] => Array.from({ length: count }, () => 7);
        expect([...target]).toEqual([...sevens(at), ...bytes, ...sevens(5)]);
      },
    ),
  );
});

it('refuses what does not fit, and copies nothing of it', () => {
  const target = new Uint8Array(4);
  expect(() => copyBytes(Buffer.from([1, 2, 3]), target, 2)).toThrow(RangeError);
  expect([...target]).toEqual([0, 0, 0, 0]);
});
