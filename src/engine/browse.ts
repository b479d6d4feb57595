/** Looking inside a snapshot: `listTree`, `statEntry` and the bytes of one file. */
import { pathToText, type StoredEntry } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import {
  ChunkLocator,
  contentFolder,
  findEntry,
  type ManifestSource,
  readContent,
  readDirectoryEntries,
  readSnapshot,
  resolvePath,
  type Snapshot,
  snapshotName,
  splitPath,
} from '../repository/index.ts';
import type { RepositoryAccess, TreeEntry, TreeInput } from './operations.ts';
import type { Workshop } from './workshop.ts';

export async function listTree(workshop: Workshop, input: TreeInput): Promise<readonly TreeEntry[]> {
  return workshop.withRepository(input.repository, async (repository) => {
    const snapshot = await readSnapshot(repository, snapshotName(input.snapshotId));
    const page = new Page(input);
    const virtual = virtualFolder(snapshot, input.path);
    if (virtual !== undefined) {
      for (const entry of virtual.children) page.add(entry);
      return page.entries;
    }
    const locator = await ChunkLocator.open(repository);
    const at = resolvePath(snapshot, input.path);
    const folder = await findEntry(at, locator);
    if (folder.kind !== 'directory') {
      throw new StrongroomError('INPUT_INVALID', { field: 'path', reason: `${input.path} is not a folder.` });
    }
    for await (const batch of readDirectoryEntries(folder.content, locator)) {
      for (const record of batch) {
        if (page.full) return page.entries;
        const path =
          folder.path.length === 0 ? record.name : Buffer.concat([folder.path, Buffer.from('/'), record.name]);
        const size = record.kind === 'file' ? record.size : 0;
        const target = record.kind === 'symlink' ? { target: record.target } : {};
        page.add(shown(at.source, { kind: record.kind, path, metadata: record.metadata, size, ...target }));
      }
    }
    return page.entries;
  });
}

export async function statEntry(workshop: Workshop, input: Omit<TreeInput, 'after' | 'limit'>): Promise<TreeEntry> {
  return workshop.withRepository(input.repository, async (repository) => {
    const snapshot = await readSnapshot(repository, snapshotName(input.snapshotId));
    const virtual = virtualFolder(snapshot, input.path);
    if (virtual !== undefined) return virtual.self;
    const at = resolvePath(snapshot, input.path);
    return shown(at.source, await findEntry(at, await ChunkLocator.open(repository)));
  });
}

/** Bytes of one file, in order, each piece checked. */
export async function* readFile(
  workshop: Workshop,
  input: { readonly repository: RepositoryAccess; readonly snapshotId: string; readonly path: string },
): AsyncGenerator<Uint8Array> {
  await using storage = await workshop.storage(input.repository.storage);
  const repository = await workshop.open(storage, input.repository);
  const snapshot = await readSnapshot(repository, snapshotName(input.snapshotId));
  const locator = await ChunkLocator.open(repository);
  const entry = await findEntry(resolvePath(snapshot, input.path), locator);
  if (entry.kind !== 'file') {
    throw new StrongroomError('INPUT_INVALID', { field: 'path', reason: `${input.path} is not a file.` });
  }
  // What crosses threads takes all the memory along that it is a part of.
  for await (const piece of readContent(entry, locator)) yield piece.slice();
}

/** `/` and the folders of the kinds of content, which exist in no tree. */
function virtualFolder(
  snapshot: Snapshot,
  path: string,
): { readonly self: TreeEntry; readonly children: readonly TreeEntry[] } | undefined {
  const [folder, source] = splitPath(path);
  if (source !== undefined) return undefined;
  if (folder === undefined) {
    const folders = new Set(snapshot.sources.map(({ content }) => contentFolder(content)));
    return {
      self: plainFolder('/', ''),
      children: [...folders].toSorted().map((name) => plainFolder(`/${name}`, name)),
    };
  }
  const kind = folder.toString();
  const names = snapshot.sources.filter(({ content }) => contentFolder(content) === kind).map(({ name }) => name);
  if (names.length === 0) throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path });
  const children = names.toSorted().map((name) => plainFolder(`/${kind}/${name}`, name));
  return { self: plainFolder(`/${kind}`, kind), children };
}

const plainFolder = (path: string, name: string): TreeEntry => ({ name, path, kind: 'directory', size: 0 });

/** An entry of a source as the API shows it. */
function shown(source: ManifestSource, { kind, path, metadata, size, target }: StoredEntry): TreeEntry {
  const inside = pathToText(path);
  const prefix = `/${contentFolder(source.content)}/${source.name}`;
  const { mode, mtimeNs } = metadata;
  return {
    name: inside === '' ? source.name : inside.slice(inside.lastIndexOf('/') + 1),
    path: inside === '' ? prefix : `${prefix}/${inside}`,
    kind,
    size,
    ...(mode !== undefined && { mode }),
    ...(mtimeNs !== undefined && { modifiedAt: isoTime(mtimeNs) }),
    ...(target !== undefined && { linkTarget: pathToText(target) }),
  };
}

/** Times outside what a date can be become the nearest one. */
const isoTime = (ns: bigint): string =>
  new Date(Math.max(-MOST_MS, Math.min(MOST_MS, Number(ns / 1_000_000n)))).toISOString();
const MOST_MS = 8.64e15;

/** One page of a folder, from behind a name. */
class Page {
  readonly entries: TreeEntry[] = [];
  readonly #limit: number;
  #waitingFor: string | undefined;

  constructor({ after, limit }: TreeInput) {
    this.#limit = limit;
    this.#waitingFor = after;
  }

  get full(): boolean {
    return this.entries.length >= this.#limit;
  }

  add(entry: TreeEntry): void {
    if (this.#waitingFor !== undefined) {
      if (entry.name === this.#waitingFor) this.#waitingFor = undefined;
      return;
    }
    if (!this.full) this.entries.push(entry);
  }
}
