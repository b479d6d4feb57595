import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { StrongroomError } from '../../src/errors.ts';
import { MalformedError } from '../../src/repository/bytes.ts';
import { ObjectKind } from '../../src/repository/format.ts';
import { decodeIndex, encodeIndex, type PackEntry } from '../../src/repository/index-object.ts';
import type { OpenedRepository } from '../../src/repository/index.ts';
import { openRecord, sealRecord } from '../../src/repository/record.ts';
import { makeRepository } from '../support/repository-harness.ts';

let repository: OpenedRepository;
beforeAll(async () => {
  repository = await makeRepository();
});

const bytes = (most: number) => fc.uint8Array({ maxLength: most }).map((array) => Buffer.from(array));
const packEntry: fc.Arbitrary<PackEntry> = fc.record({
  id: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array)),
  kind: fc.constantFrom(ObjectKind.dataPack, ObjectKind.treePack),
  envelope: bytes(4096),
  directory: bytes(1000),
});

describe('an index object', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(packEntry, { maxLength: 10 }), (entries) => {
        expect([...decodeIndex(encodeIndex(entries))]).toEqual(entries);
      }),
    );
  });

  it('is read or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
        try {
          for (const entry of decodeIndex(raw)) expect(entry.id).toHaveLength(32);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a record', () => {
  const seal = (raw: Uint8Array, name?: Uint8Array) =>
    sealRecord(repository.sealing, repository.codecs, ObjectKind.snapshot, raw, name);
  const open = (object: Uint8Array, name?: Uint8Array, kind: ObjectKind = ObjectKind.snapshot) =>
    openRecord(repository.sealing, repository.codecs, kind, object, 'snapshots/x', name);
  const damageOf = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return error instanceof StrongroomError ? [error.code, error.details['object']] : error;
    }
    return 'opened';
  };
  const named = ['REPOSITORY_DAMAGED', 'snapshots/x'];

  it('comes back as it was written, whatever its length', () => {
    fc.assert(
      fc.property(bytes(5000), (raw) => {
        expect(Buffer.from(open(seal(raw).bytes))).toEqual(raw);
      }),
    );
    const large = Buffer.concat([randomBytes(9 * 2 ** 20), Buffer.alloc(12 * 2 ** 20, 'text')]);
    expect(large.equals(open(seal(large).bytes))).toBe(true);
  });

  it('is refused with any bit flipped, anything cut off, anything added', () => {
    const { bytes: object } = seal(Buffer.from('a record of some length, that compresses a bit a bit a bit a bit'));
    for (let at = 0; at < object.length; at++) {
      const flipped = Uint8Array.from(object);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      expect(damageOf(() => open(flipped))).toEqual(named);
      expect(damageOf(() => open(object.subarray(0, at)))).toEqual(named);
    }
    expect(damageOf(() => open(Buffer.concat([object, Buffer.alloc(1)])))).toEqual(named);
  });

  it('opens under its own name and kind only', () => {
    const name = Buffer.alloc(16, 1);
    const { bytes: object } = seal(Buffer.from('payload'), name);
    expect(Buffer.from(open(object, name)).toString()).toBe('payload');
    expect(damageOf(() => open(object))).toEqual(named);
    expect(damageOf(() => open(object, Buffer.alloc(16, 2)))).toEqual(named);
    expect(damageOf(() => open(object, name, ObjectKind.index))).toEqual(named);
  });

  it('does not open in another repository', async () => {
    const other = await makeRepository();
    const { bytes: object } = seal(Buffer.from('payload'));
    const opened = () => openRecord(other.sealing, other.codecs, ObjectKind.snapshot, object, 'snapshots/x');
    expect(damageOf(opened)).toEqual(named);
  });
});
