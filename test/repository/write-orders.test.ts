import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeOrders, encodeOrders } from '../../src/repository/write-orders.ts';

const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });
const piece = fc.record({
  block: fc.nat(10_000),
  id: bytes(32, 32),
  offset: fc.nat(9_000_000),
  length: fc.nat(9_000_000),
  at: fc.maxSafeNat(),
});
const file = fc.record({
  path: bytes(300),
  create: fc.boolean(),
  size: fc.maxSafeNat(),
  mode: fc.nat(0o7777),
  sparse: fc.boolean(),
  pieces: fc.array(piece, { maxLength: 5 }),
});

it('orders come out as they went in, after crossing threads', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 20 }), (files) => {
      const decoded = [...decodeOrders(structuredClone(encodeOrders(files)))];
      expect(decoded.map((one) => ({ ...one, path: Uint8Array.from(one.path) }))).toEqual(files);
    }),
  );
});
