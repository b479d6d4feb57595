/** Sealing and opening stored objects: what their headers look like and what each seal is bound to. */
import type { Encryptor, Opener, Sealer } from '../contracts/index.ts';
import { limits, type ObjectKind } from './format.ts';
import { ByteReader, ByteWriter, MalformedError } from './bytes.ts';

/** Bytes of a header before its envelope. */
export const HEADER_FIXED = 8;
/** Bytes that hold the header of any object. */
export const HEADER_MAX = HEADER_FIXED + limits.envelope;

/** What every stored object of a repository is sealed with. */
export interface SealingContext {
  readonly encryptor: Encryptor;
  /** 32 bytes for the encryptor. */
  readonly secret: Uint8Array;
  /** 16 bytes. */
  readonly repositoryId: Uint8Array;
}

const NAMELESS = new Uint8Array(0);

/** Makes the associated data of an object's blocks; the buffer returned is reused by the next call. */
function binder(context: SealingContext, kind: ObjectKind, name: Uint8Array): (sequence: number) => Uint8Array {
  const associated = Buffer.alloc(21 + name.length);
  associated.set(context.repositoryId, 0);
  associated[16] = kind;
  associated.set(name, 21);
  return (sequence) => {
    associated.writeUInt32LE(sequence, 17);
    return associated;
  };
}

/** Seals the blocks of one object. */
export class ObjectSealer {
  /** The object's first bytes. */
  readonly header: Uint8Array;
  readonly envelope: Uint8Array;
  readonly overhead: number;
  readonly #sealer: Sealer;
  readonly #bind: (sequence: number) => Uint8Array;

  constructor(context: SealingContext, magic: string, kind: ObjectKind, name: Uint8Array = NAMELESS) {
    this.#sealer = context.encryptor.sealer(context.secret);
    this.envelope = this.#sealer.envelope;
    this.overhead = context.encryptor.overhead;
    this.#bind = binder(context, kind, name);
    const header = new ByteWriter(HEADER_FIXED + this.#sealer.envelope.length);
    header.bytes(Buffer.from(magic, 'latin1'));
    header.u8(1);
    header.u8(kind);
    header.u16(this.#sealer.envelope.length);
    header.bytes(this.#sealer.envelope);
    this.header = header.view();
  }

  /** Seals block `sequence` into `out`; returns the bytes written. */
  seal(plaintext: Uint8Array, sequence: number, out: Uint8Array): number {
    return this.#sealer.seal(plaintext, sequence, this.#bind(sequence), out);
  }
}

/** Opens the blocks of one object. */
export class ObjectOpener {
  readonly #opener: Opener;
  readonly #bind: (sequence: number) => Uint8Array;

  constructor(context: SealingContext, kind: ObjectKind, envelope: Uint8Array, name: Uint8Array = NAMELESS) {
    this.#opener = context.encryptor.opener(context.secret, envelope);
    this.#bind = binder(context, kind, name);
  }

  /** Throws `BLOCK_UNREADABLE`. */
  open(sealed: Uint8Array, sequence: number): Uint8Array {
    return this.#opener.open(sealed, sequence, this.#bind(sequence));
  }
}

export interface ObjectHeader {
  readonly kind: number;
  readonly envelope: Buffer;
  /** Where the blocks begin. */
  readonly length: number;
}

/** Reads an object's header; throws `MalformedError`. */
export function readHeader(bytes: Uint8Array, magic: string): ObjectHeader {
  const reader = new ByteReader(bytes);
  if (reader.bytes(4).toString('latin1') !== magic) throw new MalformedError(0, 'it is not an object of this kind');
  const version = reader.u8();
  if (version !== 1) throw new MalformedError(4, `its version is ${version}, not 1`);
  const kind = reader.u8();
  const length = reader.u16();
  if (length > limits.envelope) throw new MalformedError(6, 'its envelope is too long');
  const envelope = reader.bytes(length);
  return { kind, envelope, length: reader.offset };
}
