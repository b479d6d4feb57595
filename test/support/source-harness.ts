/** The engine's side of a source, for tests: contexts that remember, and entries kept in memory. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdtemp, open, readFile, readdir, lstat, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  EntryMetadata,
  PluginHost,
  ReadContext,
  RestoreContext,
  RestoreEntry,
  Source,
  SourceEntry,
  SourceYield,
  StoredEntry,
  TableInfo,
  Warning,
} from '../../src/contracts/index.ts';
import { openNativeFiles } from '../../plugins/source/directory/native.ts';

/** Allows everything below the given roots, as the real host does: links resolved as far as there is something. */
export const openHost: PluginHost = { allowedPath: (path) => Promise.resolve(path) };

export interface TestContext extends ReadContext, RestoreContext, AsyncDisposable {
  readonly warnings: Warning[];
  readonly tables: Map<string, TableInfo>;
  /** What was said to be under way. */
  readonly steps: string[];
  /** One for each time that it was said that something is kept. */
  readonly previous: true[];
  readonly finished: { readonly path: Buffer; readonly bytes: number }[];
  readonly expected: { items?: number; bytes?: number };
}

/** A context that remembers what it is told, with a scratch directory of its own. */
export async function testContext(
  options: { signal?: AbortSignal; restoreId?: string; durable?: boolean; keepPrevious?: boolean } = {},
): Promise<TestContext> {
  const scratch = await mkdtemp(join(tmpdir(), 'strongroom-scratch-'));
  const warnings: Warning[] = [];
  const tables = new Map<string, TableInfo>();
  const steps: string[] = [];
  const previous: true[] = [];
  const finished: { path: Buffer; bytes: number }[] = [];
  const expected: { items?: number; bytes?: number } = {};
  return {
    signal: options.signal ?? new AbortController().signal,
    restoreId: options.restoreId ?? '0198c0de-0000-7000-8000-000000000001',
    durable: options.durable ?? false,
    keepPrevious: options.keepPrevious ?? false,
    scratch,
    warnings,
    tables,
    steps,
    finished,
    expected,
    kept: () => void previous.push(true),
    previous,
    step: (what) => void steps.push(what),
    warn: (warning) => void warnings.push(warning),
    table: (info) => void tables.set(info.name, info),
    done: (entry) => void finished.push(entry),
    expect: (total) => void Object.assign(expected, total),
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }),
  };
}

/** An entry with its bytes. */
export interface KeptEntry extends StoredEntry {
  readonly content: Buffer;
}

/** What a source yields, one by one. */
export async function* entriesOf(yielded: AsyncIterable<SourceYield>): AsyncGenerator<SourceEntry> {
  for await (const entries of yielded) yield* [entries].flat();
}

/** Everything that the source reads; a file that can't be opened is left out with a warning, as the engine does it. */
export async function keepAll(source: Source, context: TestContext, selection = {}): Promise<KeptEntry[]> {
  const kept: KeptEntry[] = [];
  for await (const entry of entriesOf(source.read(selection, context))) {
    const content = await contentOf(entry, context);
    if (content === undefined) continue;
    const target = entry.kind === 'symlink' ? { target: entry.target } : {};
    kept.push({
      kind: entry.kind,
      path: entry.path,
      metadata: metadataOf(entry),
      size: content.length,
      content,
      ...target,
    });
  }
  return kept;
}

function metadataOf(entry: SourceEntry): EntryMetadata {
  const extendedAttributes = entry.kind === 'file' ? entry.attributes?.() : undefined;
  return extendedAttributes ? { ...entry.metadata, extendedAttributes } : entry.metadata;
}

async function contentOf(entry: SourceEntry, context: TestContext): Promise<Buffer | undefined> {
  if (entry.kind !== 'file') return Buffer.alloc(0);
  if ('stream' in entry.content) {
    const parts: Uint8Array[] = [];
    for await (const part of entry.content.stream(context.signal)) parts.push(Buffer.from(part));
    return Buffer.concat(parts);
  }
  try {
    return await readFile(entry.content.file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.warn({ code: 'SOURCE_FILE_UNREADABLE', subject: entry.path.toString('latin1'), message });
    return undefined;
  }
}

/** How a test makes an entry misbehave: called before its content is given out. */
export type Trouble = (entry: StoredEntry) => Promise<void> | void;

/** Kept entries on their way back. */
export async function* bringBack(
  kept: Iterable<KeptEntry>,
  trouble: Trouble = () => undefined,
): AsyncGenerator<RestoreEntry> {
  for (const entry of kept) yield restorable(entry, trouble);
}

function restorable(entry: KeptEntry, trouble: Trouble): RestoreEntry {
  return {
    ...entry,
    async *read() {
      await trouble(entry);
      for (let at = 0; at < entry.content.length; at += 65_536) yield entry.content.subarray(at, at + 65_536);
    },
    async writeFile(path, mode = 0o600) {
      await trouble(entry);
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const file = await open(path, flags, 0o600);
      try {
        await writeBlocks(file, entry);
        await file.truncate(entry.size);
        await file.chmod(mode);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      } finally {
        await file.close();
      }
    },
  };
}

async function writeBlocks(file: Awaited<ReturnType<typeof open>>, { content, metadata }: KeptEntry): Promise<void> {
  const block = 4_096;
  if (metadata.sparse !== true) {
    await file.writeFile(content);
    return;
  }
  for (let at = 0; at < content.length; at += block) {
    const bytes = content.subarray(at, at + block);
    if (bytes.some((byte) => byte !== 0)) await file.write(bytes, 0, bytes.length, at);
  }
}

/** What a tree is, entry by entry, to compare one with another: everything a restore must bring back. */
export async function describeTree(root: string | Buffer): Promise<Record<string, unknown>> {
  const described: Record<string, unknown> = {};
  const links = new Map<bigint, number>();
  const native = openNativeFiles();
  const visit = async (path: Buffer, name: string): Promise<void> => {
    const stats = await lstat(path, { bigint: true });
    if (stats.nlink > 1n && stats.isFile() && !links.has(stats.ino)) links.set(stats.ino, links.size);
    described[name] = {
      mode: stats.mode.toString(8),
      owner: `${stats.uid}:${stats.gid}`,
      modified: stats.mtimeNs,
      link: links.get(stats.ino),
      attributes: native?.attributes(path),
      sparse: stats.isFile() && stats.blocks * 512n < stats.size,
      content: stats.isFile()
        ? createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
        : undefined,
      target: stats.isSymbolicLink() ? await readlink(path, 'latin1') : undefined,
    };
    if (!stats.isDirectory()) return;
    for (const child of (await readdir(path, { encoding: 'latin1' })).toSorted()) {
      await visit(Buffer.concat([path, Buffer.from(`/${child}`, 'latin1')]), name === '' ? child : `${name}/${child}`);
    }
  };
  await visit(Buffer.from(root), '');
  return described;
}
