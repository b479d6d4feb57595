import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, MalformedError } from '../../src/repository/bytes.ts';
import { isName, readEntry, refusedPart, type TreeEntryRecord, writeEntry } from '../../src/repository/tree-codec.ts';

const name = fc
  .uint8Array({ minLength: 1, maxLength: 255 })
  .map((bytes) => Buffer.from(bytes))
  .filter(isName);
const metadata = fc.record(
  {
    mode: fc.nat({ max: 0o7777 }),
    uid: fc.nat({ max: 2 ** 32 - 1 }),
    gid: fc.nat({ max: 2 ** 32 - 1 }),
    mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ctimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    hardLink: fc.string({ minLength: 1, maxLength: 20 }),
    extendedAttributes: fc
      .dictionary(fc.string({ minLength: 1, maxLength: 20 }), fc.uint8Array({ maxLength: 100 }), {
        minKeys: 1,
        maxKeys: 5,
      })
      .map((attributes) => new Map(Object.entries(attributes).map(([key, value]) => [key, Buffer.from(value)]))),
    sparse: fc.constant(true),
  },
  { requiredKeys: [] },
);
const content = fc.record({
  depth: fc.nat({ max: 4 }),
  ids: fc.nat({ max: 10 }).map((count) => Buffer.alloc(count * 32, count)),
});
const entry: fc.Arbitrary<TreeEntryRecord> = fc.oneof(
  fc.record({ kind: fc.constant('directory' as const), name, metadata, content }),
  fc.record({ kind: fc.constant('file' as const), name, metadata, size: fc.maxSafeNat(), content }),
  fc.record({
    kind: fc.constant('symlink' as const),
    name,
    metadata,
    target: fc.uint8Array({ maxLength: 4096 }).map((bytes) => Buffer.from(bytes)),
  }),
);

const encode = (one: TreeEntryRecord): Buffer => {
  const writer = new ByteWriter();
  writeEntry(writer, one);
  return writer.view();
};

describe('an entry of a tree', () => {
  it('comes back as it was written: any name, all facts', () => {
    fc.assert(
      fc.property(entry, (one) => {
        const reader = new ByteReader(encode(one));
        expect(readEntry(reader)).toEqual(one);
        expect(reader.remaining).toBe(0);
        expect(refusedPart(one.name, one.metadata, one.kind === 'symlink' ? one.target : undefined)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('is refused when cut short', () => {
    fc.assert(
      fc.property(entry, fc.double({ min: 0, max: 0.9999, noNaN: true }), (one, part) => {
        const bytes = encode(one);
        expect(() => readEntry(new ByteReader(bytes.subarray(0, Math.floor(bytes.length * part))))).toThrow(
          MalformedError,
        );
      }),
    );
  });

  it('is read or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 100 }), (kind, rest) => {
        try {
          readEntry(new ByteReader(Buffer.from([kind, ...rest])));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['..', '.', '/abs', 'a/b', 'a\0b', '/', '\0'])('is refused with the name %j', (text) => {
    const one: TreeEntryRecord = { kind: 'symlink', name: Buffer.from(text), metadata: {}, target: Buffer.from('x') };
    expect(() => readEntry(new ByteReader(encode(one)))).toThrow(/name is not allowed/);
    expect(refusedPart(one.name, {})).toBeDefined();
  });

  it('is refused by the writer where the reader would refuse it', () => {
    const many = new Map(Array.from({ length: 1025 }, (_, index) => [`user.${index}`, Buffer.alloc(1)]));
    const large = new Map([['user.large', Buffer.alloc(128 * 1024)]]);
    const refused: { metadata?: TreeEntryRecord['metadata']; target?: Buffer; name?: Buffer }[] = [
      { name: Buffer.alloc(4097, 0x61) },
      { target: Buffer.alloc(65_537, 0x61) },
      { metadata: { mode: 0o10000 } },
      { metadata: { uid: -1 } },
      { metadata: { gid: 2 ** 33 } },
      { metadata: { uid: 0.5 } },
      { metadata: { hardLink: 'x'.repeat(65) } },
      { metadata: { mtimeNs: 2n ** 63n } },
      { metadata: { inode: -1n } },
      { metadata: { extendedAttributes: many } },
      { metadata: { extendedAttributes: large } },
    ];
    for (const one of refused) {
      expect(refusedPart(one.name ?? Buffer.from('a'), one.metadata ?? {}, one.target)).toBeDefined();
    }
  });
});
