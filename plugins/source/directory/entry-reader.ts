/** Looks at one path after the other below a root, never through a link, and makes entries of what is there. */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { pathToText } from '../../../src/contracts/index.ts';
import type { EntryMetadata, SourceContext, SourceEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { metadataOf, specialType } from './metadata.ts';
import { openNativeFiles } from './native.ts';
import { isDenied, isMissing, reasonOf, unreadable, warningOf } from './warnings.ts';

/** One path that was looked at. */
export interface Found {
  /** Relative to the root, one character a byte (latin1). */
  readonly path: string;
  readonly kind: SourceEntry['kind'] | 'special';
  readonly stats: BigIntStats;
}

export class EntryReader {
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
    const stats = this.#atRoot((path) => lstatSync(path, { bigint: true }));
    if (!stats.isDirectory()) throw new StrongroomError('SOURCE_MISSING', { subject: pathToText(this.absolute('')) });
    const path = Buffer.alloc(0);
    return { entry: { kind: 'directory', path, metadata: this.#metadata(path, '', stats) }, device: stats.dev };
  }

  /** Names in the root directory, ascending by bytes; throws as `root` does. */
  rootNames(): readonly string[] {
    return this.#atRoot((path) => readdirSync(path, { encoding: 'latin1' })).toSorted();
  }

  /** What is at `path`; `undefined`, with a warning, when it can't be told. */
  read(path: string): Found | undefined {
    try {
      const stats = lstatSync(this.absolute(path), { bigint: true });
      return { path, kind: kindOf(stats), stats };
    } catch (error) {
      this.#context.warn(unreadable(Buffer.from(path, 'latin1'), error));
      return undefined;
    }
  }

  /** The entry for what was found; `undefined`, with a warning, when it can't be backed up. */
  entry(found: Found): SourceEntry | undefined {
    const path = Buffer.from(found.path, 'latin1');
    const { kind, stats } = found;
    if (kind === 'special') {
      const text = pathToText(path);
      const error = new StrongroomError('SOURCE_FILE_SPECIAL', { path: text, type: specialType(stats) });
      this.#context.warn(warningOf(error, text));
      return undefined;
    }
    const metadata = this.#metadata(path, found.path, stats);
    if (kind === 'directory') return { kind, path, metadata };
    const file = this.absolute(found.path);
    if (kind === 'file') return { kind, path, metadata, content: { file, size: Number(stats.size) } };
    try {
      return { kind, path, metadata, target: readlinkSync(file, { encoding: 'buffer' }) };
    } catch (error) {
      this.#context.warn(unreadable(path, error));
      return undefined;
    }
  }

  #metadata(path: Buffer, text: string, stats: BigIntStats): EntryMetadata {
    if (this.#native === undefined) return metadataOf(stats, undefined);
    try {
      return metadataOf(stats, this.#native.attributes(this.absolute(text)));
    } catch (error) {
      if (!isMissing(error)) this.#context.warn(unreadable(path, error));
      return metadataOf(stats, undefined);
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

function kindOf(stats: BigIntStats): Found['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'special';
}
