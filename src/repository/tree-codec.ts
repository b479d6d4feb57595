/** Entries of directories as bytes (docs/format.md, "Trees"). */
import type { EntryMetadata } from '../contracts/index.ts';
import { type ByteReader, type ByteWriter, MalformedError } from './bytes.ts';
import { ID_BYTES, limits } from './format.ts';

/** Where the content of a file or directory is: a list of ids, folded `depth` times. */
export interface Content {
  readonly depth: number;
  /** 32 bytes each. */
  readonly ids: Uint8Array;
}

interface Named {
  readonly name: Buffer;
  readonly metadata: EntryMetadata;
}

/** All of an entry but its content. A symbolic link has none. */
export type EntryHead = Named &
  (
    | { readonly kind: 'directory' }
    | { readonly kind: 'file'; readonly size: number }
    | { readonly kind: 'symlink'; readonly target: Buffer }
  );

/** One entry of a directory. */
export type TreeEntryRecord = Named &
  (
    | { readonly kind: 'directory'; readonly content: Content }
    | { readonly kind: 'file'; readonly size: number; readonly content: Content }
    | { readonly kind: 'symlink'; readonly target: Buffer }
  );

/** More bytes than the longest entry that the limits allow. */
export const LONGEST_ENTRY = 2 ** 20;

const KINDS = { directory: 1, file: 2, symlink: 3 } as const;
const FIELD = {
  mode: 1,
  uid: 2,
  gid: 4,
  mtime: 8,
  ctime: 16,
  inode: 32,
  hardLink: 64,
  attributes: 128,
  sparse: 256,
} as const;
const ALL_FIELDS = 511;

export function writeEntry(writer: ByteWriter, entry: TreeEntryRecord): void {
  writeHead(writer, entry);
  if (entry.kind !== 'symlink') writeEntryContent(writer, entry.content);
}

/** Everything that comes before the content; two entries are of the same name, kind, size and metadata if this is the same. */
export function writeHead(writer: ByteWriter, entry: EntryHead): void {
  writer.u8(KINDS[entry.kind]);
  writer.blob(entry.name);
  writeMetadata(writer, entry.metadata);
  if (entry.kind === 'file') writer.varint(entry.size);
  else if (entry.kind === 'symlink') writer.blob(entry.target);
}

export function writeEntryContent(writer: ByteWriter, { depth, ids }: Content): void {
  writer.u8(depth);
  writer.varint(ids.length / ID_BYTES);
  writer.bytes(ids);
}

/** Reads one entry, over the reader's memory; throws `MalformedError` where it breaks a rule of the format. */
export function readEntry(reader: ByteReader): TreeEntryRecord {
  const kind = reader.u8();
  const name = reader.blob(limits.name);
  if (!isName(name)) throw new MalformedError(reader.offset, 'a name is not allowed');
  const metadata = readMetadata(reader);
  if (kind === KINDS.symlink) return { kind: 'symlink', name, metadata, target: reader.blob(limits.linkTarget) };
  if (kind === KINDS.file) {
    const size = reader.varint();
    return { kind: 'file', name, metadata, size, content: readEntryContent(reader) };
  }
  if (kind === KINDS.directory) return { kind: 'directory', name, metadata, content: readEntryContent(reader) };
  throw new MalformedError(reader.offset, `there is no kind ${kind} of entry`);
}

/** True for a name that can stand in a directory, and for the empty one of a root. */
export function isName(name: Buffer): boolean {
  // Not by its iterator, which takes longer than reading the rest of an entry.
  for (let at = 0; at < name.length; at++) if (name[at] === 0 || name[at] === SLASH) return false;
  return name.length > 2 || name.length === 0 || name[0] !== DOT || (name.length === 2 && name[1] !== DOT);
}

/** What of an entry no reader would accept, in words; `undefined` where all is within the format's limits. */
export function refusedPart(name: Buffer, metadata: EntryMetadata, target?: Buffer): string | undefined {
  const { mode = 0, uid = 0, gid = 0, mtimeNs = 0n, ctimeNs = 0n, inode = 0n, hardLink, extendedAttributes } = metadata;
  if (name.length > limits.name || !isName(name)) return 'its name is not allowed';
  if (target !== undefined && target.length > limits.linkTarget) return 'its target is too long';
  if (!isCount(mode, 0o7777)) return 'its mode is not a mode';
  if (!isCount(uid, 2 ** 32) || !isCount(gid, 2 ** 32)) return 'its owner is not a number that owners have';
  if (BigInt.asIntN(64, mtimeNs) !== mtimeNs || BigInt.asIntN(64, ctimeNs) !== ctimeNs) return 'a time is out of range';
  if (BigInt.asUintN(64, inode) !== inode) return 'its inode is out of range';
  if (hardLink !== undefined && Buffer.byteLength(hardLink) > limits.hardLink) {
    return 'the name of its hard link is too long';
  }
  return extendedAttributes === undefined ? undefined : refusedAttributes(extendedAttributes);
}

/** As `refusedPart`, for attributes alone. */
export function refusedAttributes(attributes: ReadonlyMap<string, Uint8Array>): string | undefined {
  let bytes = 0;
  for (const [name, value] of attributes) bytes += Buffer.byteLength(name) + value.length;
  if (attributes.size > limits.attributes || bytes > limits.attributeBytes) return 'it has too many attributes';
  return undefined;
}

const isCount = (value: number, most: number): boolean => Number.isInteger(value) && value >= 0 && value <= most;

const DOT = 0x2e;
const SLASH = 0x2f;

/** Reads what `writeEntryContent` wrote, over the reader's memory. */
export function readEntryContent(reader: ByteReader): Content {
  const depth = reader.u8();
  if (depth > limits.contentDepth) throw new MalformedError(reader.offset, 'a content is folded too often');
  const count = reader.varint(limits.contentIds);
  return { depth, ids: reader.bytes(count * ID_BYTES) };
}

function writeMetadata(writer: ByteWriter, metadata: EntryMetadata): void {
  const { mode, uid, gid, mtimeNs, ctimeNs, inode, hardLink, extendedAttributes, sparse } = metadata;
  writer.varint(
    (mode === undefined ? 0 : FIELD.mode) |
      (uid === undefined ? 0 : FIELD.uid) |
      (gid === undefined ? 0 : FIELD.gid) |
      (mtimeNs === undefined ? 0 : FIELD.mtime) |
      (ctimeNs === undefined ? 0 : FIELD.ctime) |
      (inode === undefined ? 0 : FIELD.inode) |
      (hardLink === undefined ? 0 : FIELD.hardLink) |
      (extendedAttributes === undefined || extendedAttributes.size === 0 ? 0 : FIELD.attributes) |
      (sparse === true ? FIELD.sparse : 0),
  );
  if (mode !== undefined) writer.varint(mode);
  if (uid !== undefined) writer.varint(uid);
  if (gid !== undefined) writer.varint(gid);
  if (mtimeNs !== undefined) writer.i64(mtimeNs);
  if (ctimeNs !== undefined) writer.i64(ctimeNs);
  if (inode !== undefined) writer.u64(inode);
  if (hardLink !== undefined) writer.blob(Buffer.from(hardLink));
  if (extendedAttributes !== undefined && extendedAttributes.size > 0) {
    writer.varint(extendedAttributes.size);
    for (const [name, value] of extendedAttributes) {
      writer.blob(Buffer.from(name));
      writer.blob(value);
    }
  }
}

function readMetadata(reader: ByteReader): EntryMetadata {
  const fields = reader.varint(ALL_FIELDS);
  // Filled one by one: there is one for every entry, and spreading parts together takes several times as long.
  const metadata: { -readonly [Field in keyof EntryMetadata]: EntryMetadata[Field] } = {};
  if ((fields & FIELD.mode) !== 0) metadata.mode = reader.varint(0o7777);
  if ((fields & FIELD.uid) !== 0) metadata.uid = reader.varint(2 ** 32);
  if ((fields & FIELD.gid) !== 0) metadata.gid = reader.varint(2 ** 32);
  if ((fields & FIELD.mtime) !== 0) metadata.mtimeNs = reader.i64();
  if ((fields & FIELD.ctime) !== 0) metadata.ctimeNs = reader.i64();
  if ((fields & FIELD.inode) !== 0) metadata.inode = reader.u64();
  if ((fields & FIELD.hardLink) !== 0) metadata.hardLink = reader.blob(limits.hardLink).toString('utf8');
  if ((fields & FIELD.attributes) !== 0) metadata.extendedAttributes = readAttributes(reader);
  if ((fields & FIELD.sparse) !== 0) metadata.sparse = true;
  return metadata;
}

function readAttributes(reader: ByteReader): Map<string, Uint8Array> {
  const count = reader.varint(limits.attributes);
  const attributes = new Map<string, Uint8Array>();
  let room: number = limits.attributeBytes;
  for (let index = 0; index < count; index++) {
    const name = reader.blob(room);
    const value = reader.blob(room - name.length);
    room -= name.length + value.length;
    attributes.set(name.toString('utf8'), value);
  }
  return attributes;
}
