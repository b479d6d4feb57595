/** Looks at one path after the other below a root, never through a link, and makes entries of what is there. */
import { constants, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { pathToText } from '../../../src/contracts/index.ts';
import type { SourceContext, SourceEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { metadataOf, specialType } from './metadata.ts';
import { openNativeFiles } from './native.ts';
import { isDenied, isMissing, reasonOf, unreadable, warningOf } from './warnings.ts';

/** One path that was looked at. */
export interface Found {
  /** Absolute. */
  readonly file: Buffer;
  /** Relative to the root; over the same memory. */
  readonly path: Buffer;
  readonly kind: SourceEntry['kind'] | 'special';
  readonly stats: BigIntStats;
}

export class EntryReader {
  /** Without a slash at the end; one character a byte (latin1), as all paths are here that are strings. */
  readonly #root: string;
  readonly #context: SourceContext;
  readonly #native = openNativeFiles();

  /** `root` is absolute, with links resolved. */
  constructor(root: Buffer, context: SourceContext) {
    this.#root = root.toString('latin1').replace(/\/+$/, '');
    this.#context = context;
  }

  absolute(path: string): Buffer {
    return Buffer.from(path === '' ? this.#root || '/' : `${this.#root}/${path}`, 'latin1');
  }

  /** The root directory's entry; throws `SOURCE_MISSING`, `SOURCE_DENIED` or `SOURCE_UNAVAILABLE`. */
  root(): { readonly entry: SourceEntry; readonly device: bigint } {
    const file = this.absolute('');
    const stats = this.#atRoot((root) => lstatSync(root, { bigint: true }));
    if (!stats.isDirectory()) throw new StrongroomError('SOURCE_MISSING', { subject: pathToText(file) });
    const path = Buffer.alloc(0);
    const metadata = metadataOf(stats, this.#attributes(file, path) ?? undefined);
    return { entry: { kind: 'directory', path, metadata }, device: stats.dev };
  }

  /** Names in the root directory, ascending by bytes; throws as `root` does. */
  rootNames(): readonly string[] {
    return this.#atRoot((root) => readdirSync(root, { encoding: 'latin1' })).toSorted();
  }

  /** What is at `path`; `undefined`, with a warning, when it can't be told. */
  read(path: string): Found | undefined {
    const file = this.absolute(path);
    const relative = file.subarray(this.#root.length + 1);
    try {
      const stats = lstatSync(file, { bigint: true });
      return { file, path: relative, kind: kindOf(stats), stats };
    } catch (error) {
      this.#context.warn(unreadable(relative, error));
      return undefined;
    }
  }

  /** The entry for what was found; `undefined`, with a warning, when it can't be backed up. */
  entry({ file, path, kind, stats }: Found): SourceEntry | undefined {
    switch (kind) {
      case 'special': {
        const text = pathToText(path);
        const error = new StrongroomError('SOURCE_FILE_SPECIAL', { path: text, type: specialType(stats) });
        this.#context.warn(warningOf(error, text));
        return undefined;
      }
      case 'directory':
        return { kind, path, metadata: metadataOf(stats, this.#attributes(file, path) ?? undefined) };
      case 'file': {
        const content = { file, size: Number(stats.size) };
        const attributes = () => this.#attributes(file, path);
        return { kind, path, metadata: metadataOf(stats, undefined), content, attributes };
      }
      case 'symlink':
        try {
          const target = readlinkSync(file, { encoding: 'buffer' });
          return { kind, path, metadata: metadataOf(stats, this.#attributes(file, path) ?? undefined), target };
        } catch (error) {
          this.#context.warn(unreadable(path, error));
          return undefined;
        }
    }
  }

  /** `null`, with a warning, when they can't be read. */
  #attributes(file: Buffer, path: Buffer): ReadonlyMap<string, Uint8Array> | undefined | null {
    try {
      return this.#native?.attributes(file);
    } catch (error) {
      if (isMissing(error)) return undefined;
      this.#context.warn(unreadable(path, error));
      return null;
    }
  }

  #atRoot<T>(look: (path: Buffer) => T): T {
    const path = this.absolute('');
    const subject = pathToText(path);
    try {
      return look(path);
    } catch (error) {
      if (isMissing(error)) throw new StrongroomError('SOURCE_MISSING', { subject }, { cause: error });
      const reason = reasonOf(error);
      if (isDenied(error)) throw new StrongroomError('SOURCE_DENIED', { subject, reason }, { cause: error });
      throw new StrongroomError('SOURCE_UNAVAILABLE', { reason: `${subject}: ${reason}` }, { cause: error });
    }
  }
}

function kindOf({ mode }: BigIntStats): Found['kind'] {
  switch (Number(mode) & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file';
    case constants.S_IFDIR:
      return 'directory';
    case constants.S_IFLNK:
      return 'symlink';
    default:
      return 'special';
  }
}
