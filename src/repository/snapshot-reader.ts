/** Reading a snapshot: which packs hold its chunks, and what lies where in its trees. */
import { type ContentKind, pathFromText, pathToText, type StoredEntry } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { BlockReader, missingChunk } from './block-reader.ts';
import type { ChunkSource } from './chunk-source.ts';
import { readUnindexedPacks } from './index-loader.ts';
import { type LoadedIndex, loadForReading } from './load-index.ts';
import type { LocationIndex } from './location-index.ts';
import type { OpenedRepository } from './opened-repository.ts';
import type { ManifestSource, Snapshot } from './snapshot.ts';
import { readDirectoryEntries, readRoot } from './tree-reader.ts';
import type { Content, TreeEntryRecord } from './tree-codec.ts';

/** Where chunks of a repository lie, completed from the packs themselves where index objects are damaged or missing. */
export class ChunkLocator implements ChunkSource {
  readonly index: LocationIndex;
  readonly #repository: OpenedRepository;
  readonly #reader: BlockReader;
  /** Index objects, and packs that no index object names, that could not be read. */
  readonly damage: StrongroomError[];
  /** All packs that no index object names are known. */
  #completed: boolean;

  private constructor(repository: OpenedRepository, { index, damage }: LoadedIndex) {
    this.#repository = repository;
    this.index = index;
    this.damage = [...damage];
    this.#completed = damage.length > 0;
    this.#reader = new BlockReader(repository, index);
  }

  static async open(repository: OpenedRepository): Promise<ChunkLocator> {
    return new ChunkLocator(repository, await loadForReading(repository));
  }

  /** Makes sure that the index knows the chunk if any pack holds it; throws a damage error if none does. */
  async locate(id: Uint8Array): Promise<void> {
    if (this.index.find(id) === undefined && !this.#completed) await this.#complete();
    if (this.index.find(id) === undefined) throw missingChunk(id);
  }

  async chunk(id: Uint8Array): Promise<Uint8Array> {
    await this.locate(id);
    return this.#reader.chunk(id);
  }

  async #complete(): Promise<void> {
    this.#completed = true;
    const damage = await readUnindexedPacks(
      this.#repository,
      (id) => this.index.hasPack(id),
      (entry) => this.index.addPack(entry),
    );
    this.damage.push(...damage);
  }
}

/** First segment of a path in a backup, for each kind of content. */
export const contentFolder = (content: ContentKind): string => content.toLowerCase();

/** An entry with where its content is. */
export interface LocatedEntry extends StoredEntry {
  /** Of a file or directory; empty for a link. */
  readonly content: Content;
}

/** Paths inside a source, as segments; an empty list of them selects everything. */
export type PathSelection = readonly (readonly Buffer[])[];

/** What is told when a part of a tree can't be read; the walk goes on behind it. */
export type OnDamage = (path: Buffer, error: unknown) => void;

/** The entries of a source in tree order, the root first; of a selection, those below the paths and the directories that lead there. */
export async function* walkSource(
  source: ManifestSource,
  chunks: ChunkSource,
  selection: PathSelection,
  onDamage: OnDamage,
): AsyncGenerator<LocatedEntry> {
  const path = Buffer.alloc(0);
  const root = await readRoot(Buffer.from(source.root, 'hex'), chunks);
  yield located(root, path);
  yield* walkDirectory(root.content, path, chunks, selection, onDamage);
}

/** A directory that is being walked. */
interface OpenDirectory {
  readonly path: Buffer;
  readonly selection: PathSelection;
  readonly batches: AsyncGenerator<readonly TreeEntryRecord[]>;
  batch: readonly TreeEntryRecord[];
  /** Position in the batch. */
  next: number;
}

/** With a stack instead of a generator in a generator: each level of those would be a wait more for every entry. */
async function* walkDirectory(
  content: Content,
  path: Buffer,
  chunks: ChunkSource,
  selection: PathSelection,
  onDamage: OnDamage,
): AsyncGenerator<LocatedEntry> {
  const opened = (of: Content, at: Buffer, selected: PathSelection): OpenDirectory => {
    return { path: at, selection: selected, batches: readDirectoryEntries(of, chunks), batch: [], next: 0 };
  };
  const stack = [opened(content, path, selection)];
  for (let innermost = stack.at(-1); innermost !== undefined; innermost = stack.at(-1)) {
    const record = innermost.batch[innermost.next++];
    if (record === undefined) {
      if (!(await readBatch(innermost, onDamage))) stack.pop();
      continue;
    }
    const below = selectBelow(innermost.selection, record.name);
    if (below === undefined) continue;
    const entryPath = join(innermost.path, record.name);
    yield located(record, entryPath);
    if (record.kind === 'directory') stack.push(opened(record.content, entryPath, below));
  }
}

/** Reads on in a directory; false at its end, or where it can't be read. */
async function readBatch(directory: OpenDirectory, onDamage: OnDamage): Promise<boolean> {
  try {
    const { done, value } = await directory.batches.next();
    if (done === true) return false;
    directory.batch = value;
    directory.next = 0;
    return true;
  } catch (error) {
    onDamage(directory.path, error);
    return false;
  }
}

/** The selection inside the entry `name`, or `undefined` where nothing of it is selected. */
function selectBelow(selection: PathSelection, name: Buffer): PathSelection | undefined {
  if (selection.length === 0) return selection;
  const matching = selection.filter(([first]) => first?.equals(name) === true).map((segments) => segments.slice(1));
  if (matching.length === 0) return undefined;
  return matching.some((segments) => segments.length === 0) ? [] : matching;
}

const SLASH = Buffer.from('/');
const join = (path: Buffer, name: Buffer): Buffer =>
  path.length === 0 ? Buffer.from(name) : Buffer.concat([path, SLASH, name]);

const NOTHING: Content = { depth: 0, ids: new Uint8Array(0) };

/** A record as an entry that does not depend on the memory it was read from. */
export function located(record: TreeEntryRecord, path: Buffer): LocatedEntry {
  const { kind, metadata } = record;
  if (kind === 'symlink')
    return { kind, path, metadata, size: 0, target: Buffer.from(record.target), content: NOTHING };
  const content = { depth: record.content.depth, ids: Uint8Array.from(record.content.ids) };
  return { kind, path, metadata, size: kind === 'file' ? record.size : 0, content };
}

/** Segments of a path as bytes. */
export const splitPath = (text: string): Buffer[] =>
  text
    .split('/')
    .filter((segment) => segment.length > 0)
    .map(pathFromText);

/** A path in a backup, taken apart. */
export interface SnapshotPath {
  readonly source: ManifestSource;
  readonly segments: readonly Buffer[];
}

/** Finds the source a path leads into; throws `SNAPSHOT_PATH_NOT_FOUND`. */
export function resolvePath(snapshot: Snapshot, text: string): SnapshotPath {
  const [folder, name, ...segments] = splitPath(text);
  const source = snapshot.sources.find(
    (candidate) => contentFolder(candidate.content) === folder?.toString() && candidate.name === name?.toString(),
  );
  if (source === undefined) throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path: text });
  return { source, segments };
}

/** The entry at a path inside a source; throws `SNAPSHOT_PATH_NOT_FOUND`. */
export async function findEntry({ source, segments }: SnapshotPath, chunks: ChunkSource): Promise<LocatedEntry> {
  const root = await readRoot(Buffer.from(source.root, 'hex'), chunks);
  let entry = located(root, Buffer.alloc(0));
  for (const name of segments) {
    const found = entry.kind === 'directory' ? await findChild(entry, name, chunks) : undefined;
    if (found === undefined) {
      const path = `/${contentFolder(source.content)}/${source.name}/${segments.map(pathToText).join('/')}`;
      throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path });
    }
    entry = found;
  }
  return entry;
}

async function findChild(parent: LocatedEntry, name: Buffer, chunks: ChunkSource): Promise<LocatedEntry | undefined> {
  for await (const batch of readDirectoryEntries(parent.content, chunks)) {
    const record = batch.find((candidate) => candidate.name.equals(name));
    if (record !== undefined) return located(record, join(parent.path, record.name));
    const last = batch.at(-1);
    if (last !== undefined && Buffer.compare(last.name, name) > 0) return undefined;
  }
  return undefined;
}
