/** Facts about a file, from what the file system says. */
import type { BigIntStats } from 'node:fs';
import type { EntryMetadata } from '../../../src/contracts/index.ts';

/** Metadata of one file, link or directory, without extended attributes. */
export function metadataOf(stats: BigIntStats, attributes: ReadonlyMap<string, Uint8Array> | undefined): EntryMetadata {
  const isFile = stats.isFile();
  return {
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    inode: stats.ino,
    ...(isFile && stats.nlink > 1n ? { hardLink: `${stats.dev}:${stats.ino}` } : {}),
    ...(isFile && stats.blocks * 512n < stats.size ? { sparse: true } : {}),
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
