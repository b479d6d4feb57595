/**
 * A second reader of repositories, written from docs/format.md alone: it shares no code with the engine, so that the page and
 * the engine prove each other. Slow, unbounded, without recovery: for tests only.
 */
import { createDecipheriv, hkdfSync } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { blake3, Blake3Hasher } from '@napi-rs/blake-hash';

export type Objects = ReadonlyMap<string, Buffer>;

interface Block {
  readonly pack: string;
  readonly kind: number;
  readonly envelope: Buffer;
  readonly sequence: number;
  readonly offset: number;
  readonly stored: number;
  readonly codec: number;
  readonly raw: number;
}

const ensure = (fact: boolean, what: string): void => {
  if (!fact) throw new Error(`The page does not hold: ${what}`);
};
const keyed = (key: Buffer, bytes: Buffer): string => Blake3Hasher.newKeyed(key).update(bytes).digest('hex');
const hkdf = (secret: Buffer, salt: Buffer, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, 32));
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** Walks over bytes as "Conventions" says. */
class Bytes {
  readonly #bytes: Buffer;
  at = 0;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.at;
  }
  take(count: number): Buffer {
    ensure(count <= this.left, 'it ends too early');
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }
  u8 = (): number => this.take(1).readUInt8();
  u16 = (): number => this.take(2).readUInt16LE();
  u32 = (): number => this.take(4).readUInt32LE();
  i64 = (): bigint => this.take(8).readBigInt64LE();
  u64 = (): bigint => this.take(8).readBigUInt64LE();
  varint(): number {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }
  blob = (): Buffer => this.take(this.varint());
}

export interface IndependentEntry {
  readonly kind: 'directory' | 'file' | 'symlink';
  readonly path: Buffer;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
  /** Lengths of the chunks of its content. */
  readonly chunks: readonly number[];
}

export class IndependentReader {
  readonly description: Record<string, never> & {
    readonly codecs: readonly string[];
    readonly chunker: Record<string, number>;
  };
  readonly #objects: Objects;
  readonly #id: Buffer;
  readonly #keys: Readonly<Record<'chunk-id' | 'gear' | 'description' | 'objects', Buffer>>;
  readonly #encryptor: string;
  readonly #chunks = new Map<string, { readonly block: Block; readonly at: number; readonly length: number }>();

  readonly #opened = new Map<string, Buffer>();

  constructor(objects: Objects, keyFile: Buffer) {
    this.#objects = objects;
    const { checksum, mac, ...description } = JSON.parse(this.#object('repository.json').toString());
    this.description = description;
    this.#id = Buffer.from(description.id, 'hex');
    this.#encryptor = description.encryptor.name;
    const master = this.#masterKey(keyFile);
    const derive = (use: string): Buffer => hkdf(master, this.#id, `strongroom/1 ${use}`);
    this.#keys = {
      'chunk-id': derive('chunk-id'),
      gear: derive('gear'),
      description: derive('description'),
      objects: derive('objects'),
    };
    const authenticated = Buffer.from(JSON.stringify(description));
    ensure(keyed(this.#keys.description, authenticated) === mac, 'the mac of repository.json');
    ensure(blake3(authenticated).toString('hex') === checksum, 'the checksum of repository.json');
    for (const [key, bytes] of objects) {
      if (key.startsWith('packs/')) this.#pack(key, bytes);
      if (key.startsWith('index/')) this.#index(key, bytes);
    }
  }

  snapshots(): Record<string, unknown>[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith('snapshots/'))
      .map(([key, bytes]) => {
        const id = key.slice('snapshots/'.length);
        const json = JSON.parse(this.#record(bytes, 4, Buffer.from(id, 'hex')).toString());
        const { checksum, ...manifest } = json;
        ensure(
          keyed(this.#keys['chunk-id'], Buffer.from(JSON.stringify(manifest))) === checksum,
          'the checksum of a snapshot',
        );
        ensure(manifest.id === id && manifest.version === 1, 'the id and version of a snapshot');
        return json;
      });
  }

  /** Everything below a source's root, the root first. */
  *tree(root: string): Generator<IndependentEntry> {
    yield* this.#entries(this.#chunk(Buffer.from(root, 'hex')), undefined);
  }

  /** Where the content of a file is cut. */
  cuts(content: Buffer): number[] {
    const { min = 0, average = 0, max = 0 } = this.description.chunker;
    const bits = Math.log2(average);
    const words = Buffer.concat(
      Array.from({ length: 32 }, (_, message) => Buffer.from(keyed(this.#keys.gear, Buffer.from([message])), 'hex')),
    );
    const lengths: number[] = [];
    for (let start = 0; start < content.length;) {
      const end = Math.min(start + max, content.length);
      let length = end - start;
      let hash = 0;
      for (let at = start + min; at < end; at++) {
        hash = (hash * 2 + words.readUInt32LE(4 * (content[at] ?? 0))) % 2 ** 32;
        const zeros = at - start < average ? bits + 2 : bits - 2;
        if (hash >= 2 ** (32 - zeros)) continue;
        length = at + 1 - start;
        break;
      }
      lengths.push(length);
      start += length;
    }
    return lengths;
  }

  #object(key: string): Buffer {
    const bytes = this.#objects.get(key);
    if (bytes === undefined) throw new Error(`There is no ${key}.`);
    return bytes;
  }

  #masterKey(keyFile: Buffer): Buffer {
    const [key = ''] = [...this.#objects.keys()].filter((name) => name.startsWith('keys/'));
    const { checksum, ...slot } = JSON.parse(this.#object(key).toString());
    ensure(blake3(Buffer.from(JSON.stringify(slot))).toString('hex') === checksum, 'the checksum of a slot');
    ensure(key === `keys/${slot.slot}`, 'the name of a slot');
    const wrapped = Buffer.from(slot.wrapped, 'base64');
    if (slot.kind === 'none') return wrapped;
    const wrapping = hkdf(keyFile, Buffer.from(slot.salt, 'base64'), 'strongroom/1 key-file');
    const opening = createDecipheriv('aes-256-gcm', wrapping, Buffer.from(slot.nonce, 'base64'));
    opening.setAAD(Buffer.concat([this.#id, Buffer.from(slot.slot)])).setAuthTag(wrapped.subarray(32));
    return Buffer.concat([opening.update(wrapped.subarray(0, 32)), opening.final()]);
  }

  #open(sealed: Buffer, envelope: Buffer, kind: number, sequence: number, name: Buffer = Buffer.alloc(0)): Buffer {
    if (this.#encryptor === 'none') return sealed;
    ensure(envelope.length === 32, 'the length of a salt');
    const key = hkdf(this.#keys.objects, envelope, `strongroom/1 object ${this.#encryptor}`);
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(sequence, 8);
    const options = { authTagLength: 16 };
    const opening =
      this.#encryptor === 'aes-256-gcm'
        ? createDecipheriv('aes-256-gcm', key, nonce, options)
        : createDecipheriv('chacha20-poly1305', key, nonce, options);
    const plaintextLength = sealed.length - 16;
    opening.setAAD(Buffer.concat([this.#id, Buffer.from([kind]), u32(sequence), name]), { plaintextLength });
    opening.setAuthTag(sealed.subarray(plaintextLength));
    return Buffer.concat([opening.update(sealed.subarray(0, plaintextLength)), opening.final()]);
  }

  #decode(codec: number, bytes: Buffer, rawLength: number): Buffer {
    const name = this.description.codecs[codec];
    ensure(name !== undefined && this.description.codecs[0] === 'raw', 'the codec table');
    const decode = { zstd: zstdDecompressSync, gzip: gunzipSync, brotli: brotliDecompressSync }[name ?? ''];
    const raw = decode === undefined ? bytes : decode(bytes);
    ensure(raw.length === rawLength, 'a raw length');
    return raw;
  }

  #header(bytes: Buffer, magic: string) {
    const reader = new Bytes(bytes);
    ensure(reader.take(4).toString('latin1') === magic && reader.u8() === 1, 'magic and version');
    const kind = reader.u8();
    return { kind, envelope: reader.take(reader.u16()), length: reader.at };
  }

  #pack(key: string, bytes: Buffer): void {
    const id = blake3(bytes).toString('hex');
    ensure(key === `packs/${id.slice(0, 2)}/${id}`, 'the name of a pack');
    const { kind, envelope, length } = this.#header(bytes, 'SRPK');
    const trailer = new Bytes(bytes.subarray(-16));
    const directoryLength = trailer.u32();
    const count = trailer.u32();
    ensure(trailer.take(8).toString('latin1') === 'KPRS1\0\0\0', 'the end mark of a pack');
    const sealed = bytes.subarray(bytes.length - 16 - directoryLength, -16);
    const end = this.#directory(this.#open(sealed, envelope, kind, count), id, kind, envelope, length, count);
    ensure(end === bytes.length - 16 - directoryLength, 'blocks lie side by side up to the directory');
  }

  #directory(
    directory: Buffer,
    pack: string,
    kind: number,
    envelope: Buffer,
    start: number,
    expected?: number,
  ): number {
    const reader = new Bytes(directory);
    const count = reader.varint();
    ensure(expected === undefined || count === expected, 'the number of blocks');
    let offset = start;
    for (let sequence = 0; sequence < count; sequence++) {
      const [codec, raw, stored, chunks] = [reader.u8(), reader.varint(), reader.varint(), reader.varint()];
      const block = { pack, kind, envelope, sequence, offset, stored, codec, raw };
      let at = 0;
      for (let chunk = 0; chunk < chunks; chunk++) {
        const id = reader.take(32).toString('hex');
        const length = reader.varint();
        this.#chunks.set(id, { block, at, length });
        at += length;
      }
      ensure(at === raw, 'chunks fill their block');
      offset += stored;
    }
    ensure(reader.left === 0, 'nothing follows a directory');
    return offset;
  }

  #record(bytes: Buffer, expectedKind: number, name?: Buffer): Buffer {
    const { kind, envelope, length } = this.#header(bytes, 'SRRC');
    ensure(kind === expectedKind, 'the kind of a record');
    ensure(blake3(bytes.subarray(0, -32)).equals(bytes.subarray(-32)), 'the checksum of a record');
    const payload = new Bytes(this.#open(bytes.subarray(length, -32), envelope, kind, 0, name));
    const codec = payload.u8();
    const rawLength = payload.u32();
    return this.#decode(codec, payload.take(payload.left), rawLength);
  }

  #index(key: string, bytes: Buffer): void {
    ensure(key === `index/${bytes.subarray(-32).toString('hex')}`, 'the name of an index object');
    const reader = new Bytes(this.#record(bytes, 3));
    while (reader.left > 0) {
      const pack = reader.take(32).toString('hex');
      const kind = reader.u8();
      const envelope = reader.blob();
      ensure(this.#objects.has(`packs/${pack.slice(0, 2)}/${pack}`), 'an index names packs that are there');
      this.#directory(reader.blob(), pack, kind, envelope, 8 + envelope.length);
    }
  }

  #chunk(id: Buffer): Buffer {
    const found = this.#chunks.get(id.toString('hex'));
    if (found === undefined) throw new Error(`No pack holds ${id.toString('hex')}.`);
    const { block, at, length } = found;
    const place = `${block.pack} ${block.sequence}`;
    const raw = this.#opened.get(place) ?? this.#block(block);
    this.#opened.set(place, raw);
    const bytes = raw.subarray(at, at + length);
    ensure(keyed(this.#keys['chunk-id'], bytes) === id.toString('hex'), 'the id of a chunk');
    return bytes;
  }

  #block({ pack, kind, envelope, sequence, offset, stored, codec, raw }: Block): Buffer {
    const sealed = this.#object(`packs/${pack.slice(0, 2)}/${pack}`).subarray(offset, offset + stored);
    return this.#decode(codec, this.#open(sealed, envelope, kind, sequence), raw);
  }

  #content(reader: Bytes): Buffer[] {
    let depth = reader.u8();
    let ids = reader.take(32 * reader.varint());
    const each = (list: Buffer): Buffer[] =>
      Array.from({ length: list.length / 32 }, (_, index) => this.#chunk(list.subarray(32 * index, 32 * index + 32)));
    for (; depth > 0; depth--) ids = Buffer.concat(each(ids));
    return each(ids);
  }

  *#entries(bytes: Buffer, parent: Buffer | undefined): Generator<IndependentEntry> {
    const reader = new Bytes(bytes);
    let last: Buffer | undefined;
    while (reader.left > 0) {
      const kind = reader.u8();
      const name = reader.blob();
      ensure(last === undefined || Buffer.compare(last, name) < 0, 'entries ascend');
      last = name;
      const facts = this.#facts(reader);
      const path = parent === undefined || parent.length === 0 ? name : Buffer.concat([parent, Buffer.from('/'), name]);
      if (kind === 3) {
        yield { kind: 'symlink', path, facts, bytes: reader.blob(), chunks: [] };
        continue;
      }
      const size = kind === 2 ? reader.varint() : 0;
      const content = this.#content(reader);
      const whole = Buffer.concat(content);
      if (kind === 2) {
        ensure(whole.length === size, 'the size of a file');
        yield { kind: 'file', path, facts, bytes: whole, chunks: content.map(({ length }) => length) };
      } else {
        ensure(kind === 1, 'the kind of an entry');
        yield { kind: 'directory', path, facts, bytes: Buffer.alloc(0), chunks: content.map(({ length }) => length) };
        yield* this.#entries(whole, path);
      }
    }
  }

  #facts(reader: Bytes): Record<string, unknown> {
    const fields = reader.varint();
    const read: readonly (readonly [string, () => unknown])[] = [
      ['mode', () => reader.varint()],
      ['uid', () => reader.varint()],
      ['gid', () => reader.varint()],
      ['mtimeNs', reader.i64],
      ['ctimeNs', reader.i64],
      ['inode', reader.u64],
      ['hardLink', () => reader.blob().toString()],
      [
        'extendedAttributes',
        () =>
          new Map(
            Array.from({ length: reader.varint() }, () => [reader.blob().toString(), Buffer.from(reader.blob())]),
          ),
      ],
      ['sparse', () => true],
    ];
    const facts: Record<string, unknown> = {};
    read.forEach(([name, take], bit) => {
      if ((fields >> bit) % 2 === 1) facts[name] = take();
    });
    return facts;
  }
}
