/** Reads directories out of a repository, streamed, whatever their size. */
import { ByteReader, EndError, MalformedError } from './bytes.ts';
import type { ChunkSource } from './chunk-source.ts';
import { contentIds } from './content.ts';
import { damaged, isDamage } from './damage.ts';
import { objectKeys } from './format.ts';
import { type Content, LONGEST_ENTRY, readEntry, type TreeEntryRecord } from './tree-codec.ts';

export type DirectoryRecord = Extract<TreeEntryRecord, { readonly kind: 'directory' }>;

/** The root directory that a source's `root` id names. */
export async function readRoot(root: Uint8Array, chunks: ChunkSource): Promise<DirectoryRecord> {
  const bytes = Buffer.from(await chunks.chunk(root));
  try {
    const entry = readEntry(new ByteReader(bytes));
    if (entry.kind !== 'directory' || entry.name.length > 0) throw new MalformedError(0, 'it is no root');
    return entry;
  } catch (error) {
    throw treeDamage(error);
  }
}

/** The entries of a directory in order, in batches; throws a damage error where they can't be read or are out of order. */
export async function* readDirectoryEntries(
  content: Content,
  chunks: ChunkSource,
): AsyncGenerator<readonly TreeEntryRecord[]> {
  let rest: Buffer = Buffer.alloc(0);
  let last: Buffer | undefined;
  try {
    for await (const id of contentIds(content, chunks)) {
      const bytes = Buffer.concat([rest, await chunks.chunk(id)]);
      const { entries, read } = readWholeEntries(bytes);
      rest = bytes.subarray(read);
      if (rest.length > LONGEST_ENTRY) throw new MalformedError(0, 'an entry is too long');
      for (const { name } of entries) {
        if (name.length === 0 || (last !== undefined && Buffer.compare(last, name) >= 0)) {
          throw new MalformedError(0, 'names are out of order');
        }
        last = name;
      }
      yield entries;
    }
    if (rest.length > 0) throw new MalformedError(0, 'it ends within an entry');
  } catch (error) {
    throw treeDamage(error);
  }
}

function readWholeEntries(bytes: Buffer): { entries: TreeEntryRecord[]; read: number } {
  const reader = new ByteReader(bytes);
  const entries: TreeEntryRecord[] = [];
  let read = 0;
  try {
    while (reader.remaining > 0) {
      entries.push(readEntry(reader));
      read = reader.offset;
    }
  } catch (error) {
    if (!(error instanceof EndError)) throw error;
  }
  return { entries, read };
}

function treeDamage(error: unknown): unknown {
  if (isDamage(error) || !(error instanceof MalformedError)) return error;
  return damaged(objectKeys.packs, error.offset, `a directory is malformed: ${error.message}`, error);
}
