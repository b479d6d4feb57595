/** Index objects: the directories of some packs together (docs/format.md, "Records"). */
import { ByteReader, ByteWriter, MalformedError } from './bytes.ts';
import { ID_BYTES, limits, ObjectKind, type PackKind } from './format.ts';

/** What an index says about one pack. */
export interface PackEntry {
  readonly id: Uint8Array;
  readonly kind: PackKind;
  readonly envelope: Uint8Array;
  /** Plain, see `readDirectory`. */
  readonly directory: Uint8Array;
}

/** Upper bound of what one entry adds to an index object. */
export const packEntryBytes = (entry: PackEntry): number =>
  ID_BYTES + 1 + 8 + entry.envelope.length + 8 + entry.directory.length;

export function encodeIndex(entries: readonly PackEntry[]): Buffer {
  const writer = new ByteWriter(entries.reduce((sum, entry) => sum + packEntryBytes(entry), 16));
  for (const entry of entries) {
    writer.bytes(entry.id);
    writer.u8(entry.kind);
    writer.blob(entry.envelope);
    writer.blob(entry.directory);
  }
  return writer.view();
}

/** Reads an index's packs, over the given memory; throws `MalformedError`. */
export function* decodeIndex(raw: Uint8Array): Generator<PackEntry> {
  const reader = new ByteReader(raw);
  while (reader.remaining > 0) {
    const id = reader.bytes(ID_BYTES);
    const kind = packKind(reader.u8(), reader.offset);
    const envelope = reader.blob(limits.envelope);
    yield { id, kind, envelope, directory: reader.blob(limits.indexPart) };
  }
}

/** Throws `MalformedError` for a number that is no kind of pack. */
export function packKind(kind: number, offset: number): PackKind {
  if (kind === ObjectKind.dataPack || kind === ObjectKind.treePack) return kind;
  throw new MalformedError(offset, `there is no kind ${kind} of pack`);
}
