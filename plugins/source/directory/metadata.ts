/** Facts about a file, from what the file system says. */
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import type { EntryMetadata } from '../../../src/contracts/index.ts';

/** Metadata of one file, link or directory. */
export function metadataOf(stats: BigIntStats, attributes: ReadonlyMap<string, Uint8Array> | undefined): EntryMetadata {
  const mode = Number(stats.mode);
  const metadata: EntryMetadata = {
    mode: mode & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    inode: stats.ino,
  };
  const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
  const isLinked = isFile && stats.nlink > 1n;
  const isSparse = isFile && stats.blocks * 512n < stats.size;
  if (!isLinked && !isSparse && attributes === undefined) return metadata;
  return {
    ...metadata,
    ...(isLinked ? { hardLink: `${stats.dev}:${stats.ino}` } : {}),
    ...(isSparse ? { sparse: true } : {}),
    ...(attributes === undefined ? {} : { extendedAttributes: attributes }),
  };
}

/** What a file that is neither plain, nor directory, nor link is, in words. */
export function specialType(stats: BigIntStats): string {
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isCharacterDevice()) return 'character device';
  if (stats.isBlockDevice()) return 'block device';
  return 'special file';
}
