/** System calls that Node does not offer, on Linux. Elsewhere callers do without. */

import { lutimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Koffi from 'koffi';

/** Extended attributes of a file, and their bytes together; more is not kept (see `EntryMetadata`). */
const MAX_ATTRIBUTES = 1_024;
export const MAX_ATTRIBUTE_BYTES = 65_536;

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const RENAME_NOREPLACE = 1;

/** Why a call failed, by its `errno`. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly code: string;

  constructor(call: string, code: string) {
    super(`${call}: ${code}`);
    this.code = code;
  }
}

/** Every path is raw bytes without a trailing NUL, and no call follows a link in the last segment. */
export interface NativeFiles {
  /** Extended attributes, or `undefined` when there are none or the file system has none. */
  attributes(path: Buffer): Map<string, Uint8Array> | undefined;
  setAttribute(path: Buffer, name: string, value: Uint8Array): void;
  /** Sets the time of last change, in nanoseconds, and the time of last access to the same. */
  setModified(path: Buffer, mtimeNs: bigint): void;
  /** Renames unless something is at `to` already; then answers false. */
  renameIfAbsent(from: Buffer, to: Buffer): boolean;
  /** Flushes the whole file system that an open file lies on. */
  syncFileSystem(descriptor: number): Promise<void>;
}

/** Loaded when it is first needed: a thread that ends while it loads would take the whole process with it. */
const loadKoffi = (): typeof Koffi | undefined =>
  process.platform === 'linux' ? (createRequire(import.meta.url)('koffi') as typeof Koffi) : undefined;

/** The calls, with buffers of their own; `undefined` where the platform has none of them. */
export function openNativeFiles(): NativeFiles | undefined {
  const koffi = loadKoffi();
  if (koffi === undefined) return undefined;
  const library = koffi.load(null);
  const listAttributes = library.func('long llistxattr(void *path, void *list, size_t size)');
  const getAttribute = library.func('long lgetxattr(void *path, void *name, void *value, size_t size)');
  const setAttribute = library.func('int lsetxattr(void *path, void *name, void *value, size_t size, int flags)');
  const setTimes = library.func('int utimensat(int dir, void *path, void *times, int flags)');
  const rename = library.func('int renameat2(int dir, void *from, int toDir, void *to, uint flags)');
  const syncFileSystem = library.func('int syncfs(int descriptor)');
  const names = Buffer.allocUnsafe(MAX_ATTRIBUTE_BYTES);
  const value = Buffer.allocUnsafe(MAX_ATTRIBUTE_BYTES);
  const times = Buffer.alloc(32);
  const codes = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  const failure = (call: string): SystemCallError => {
    const number = koffi.errno();
    return new SystemCallError(call, codes.get(number) ?? `errno ${number}`);
  };
  return {
    attributes(path) {
      const file = terminated(path);
      const listed = Number(listAttributes(file, names, names.length));
      if (listed === 0) return undefined;
      if (listed < 0) {
        const error = failure('llistxattr');
        if (error.code === 'ENOTSUP' || error.code === 'EOPNOTSUPP') return undefined;
        throw error;
      }
      const found = new Map<string, Uint8Array>();
      let total = 0;
      for (let at = 0; at < listed;) {
        const end = names.indexOf(0, at);
        const length = Number(getAttribute(file, names.subarray(at, end + 1), value, value.length));
        const name = names.toString('utf8', at, end);
        at = end + 1;
        if (length < 0) {
          const error = failure('lgetxattr');
          if (error.code === 'ENODATA') continue;
          throw error;
        }
        total += length + name.length;
        if (total > MAX_ATTRIBUTE_BYTES || found.size === MAX_ATTRIBUTES)
          throw new SystemCallError('lgetxattr', 'E2BIG');
        found.set(name, Buffer.from(value.subarray(0, length)));
      }
      return found;
    },
    setAttribute(path, name, content) {
      const bytes = Buffer.from(content);
      if (setAttribute(terminated(path), terminated(Buffer.from(name)), bytes, bytes.length, 0) !== 0) {
        throw failure('lsetxattr');
      }
    },
    setModified(path, mtimeNs) {
      let seconds = mtimeNs / 1_000_000_000n;
      let rest = mtimeNs % 1_000_000_000n;
      if (rest < 0n) {
        seconds -= 1n;
        rest += 1_000_000_000n;
      }
      for (const at of [0, 16]) {
        times.writeBigInt64LE(seconds, at);
        times.writeBigInt64LE(rest, at + 8);
      }
      if (setTimes(AT_FDCWD, terminated(path), times, AT_SYMLINK_NOFOLLOW) !== 0) throw failure('utimensat');
    },
    renameIfAbsent(from, to) {
      if (rename(AT_FDCWD, terminated(from), AT_FDCWD, terminated(to), RENAME_NOREPLACE) === 0) return true;
      const error = failure('renameat2');
      if (error.code === 'EEXIST') return false;
      throw error;
    },
    syncFileSystem: (descriptor) =>
      new Promise((resolve, reject) => {
        syncFileSystem.async(descriptor, (error: Error | null, result: number) => {
          if (error !== null) reject(error);
          else if (result !== 0) reject(new SystemCallError('syncfs', 'EIO'));
          else resolve();
        });
      }),
  };
}

/** Sets the time of last change; where there is no call for nanoseconds, as exactly as Node does. */
export function setModified(path: Buffer, mtimeNs: bigint, native = openNativeFiles()): void {
  const seconds = Number(mtimeNs) / 1e9;
  if (native === undefined) lutimesSync(path, seconds, seconds);
  else native.setModified(path, mtimeNs);
}

function terminated(path: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(path.length + 1);
  path.copy(bytes);
  bytes[path.length] = 0;
  return bytes;
}
