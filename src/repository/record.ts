/** Records: small sealed objects of one payload, the index objects and the snapshots (docs/format.md, "Records"). */
import { ByteReader, ByteWriter, MalformedError } from './bytes.ts';
import type { Codecs } from './codecs.ts';
import { damaged, isDamage } from './damage.ts';
import { ID_BYTES, limits, type ObjectKind } from './format.ts';
import { hashBytes } from './hashing.ts';
import { ObjectOpener, ObjectSealer, readHeader, type SealingContext } from './sealing.ts';

const RECORD_MAGIC = 'SRRC';

/** A record ready to be stored. */
export interface SealedRecord {
  readonly bytes: Uint8Array;
  /** BLAKE3 of all but the last 32 bytes, which hold it. */
  readonly id: Uint8Array;
}

/** Bytes that the largest record allowed takes. */
export const RECORD_MAX = limits.recordRaw + limits.recordRaw / 8 + limits.envelope + 4096;

/** @param name what the record is bound to besides its kind: a snapshot's 16-byte id */
export function sealRecord(
  sealing: SealingContext,
  codecs: Codecs,
  kind: ObjectKind,
  raw: Uint8Array,
  name?: Uint8Array,
): SealedRecord {
  if (raw.length > limits.recordRaw) throw new RangeError(`A record of ${raw.length} bytes passes the format's limit.`);
  const sealer = new ObjectSealer(sealing, RECORD_MAGIC, kind, name);
  const { codec, bytes } = codecs.encode(raw);
  const payload = new ByteWriter(bytes.length + 5);
  payload.u8(codec);
  payload.u32(raw.length);
  payload.bytes(bytes);
  const object = Buffer.allocUnsafeSlow(sealer.header.length + payload.length + sealer.overhead + ID_BYTES);
  object.set(sealer.header, 0);
  const end = sealer.header.length + sealer.seal(payload.view(), 0, object.subarray(sealer.header.length));
  const id = hashBytes(object.subarray(0, end));
  object.set(id, end);
  return { bytes: object.subarray(0, end + ID_BYTES), id };
}

/** Checks and opens a record; throws `REPOSITORY_DAMAGED` naming `key`. */
export function openRecord(
  sealing: SealingContext,
  codecs: Codecs,
  kind: ObjectKind,
  object: Uint8Array,
  key: string,
  name?: Uint8Array,
): Uint8Array {
  const end = object.length - ID_BYTES;
  try {
    if (end < 0) throw new MalformedError(0, 'it ends too early');
    if (!hashBytes(object.subarray(0, end)).equals(object.subarray(end))) {
      throw new MalformedError(end, 'its checksum is wrong');
    }
    const header = readHeader(object, RECORD_MAGIC);
    if (header.kind !== kind) throw new MalformedError(5, 'it is of another kind');
    const opener = new ObjectOpener(sealing, kind, header.envelope, name);
    const payload = new ByteReader(opener.open(object.subarray(header.length, end), 0));
    const codec = payload.u8();
    const rawLength = payload.u32();
    if (rawLength > limits.recordRaw) throw new MalformedError(header.length, 'it is too long');
    return codecs.decode(codec, payload.bytes(payload.remaining), rawLength);
  } catch (error) {
    throw asDamage(error, key);
  }
}

/** Damage errors name the object; whatever else is thrown passes. */
export function asDamage(error: unknown, object: string, offset = 0): unknown {
  if (error instanceof MalformedError) return damaged(object, offset + error.offset, error.message, error);
  if (isDamage(error) && error.code === 'BLOCK_UNREADABLE') {
    return damaged(object, offset, String(error.details['reason']), error);
  }
  return error;
}
