/** What part of a snapshot a restore is about. */
import { StrongroomError } from '../errors.ts';
import {
  type ChunkLocator,
  contentFolder,
  findEntry,
  type ManifestSource,
  type PathSelection,
  resolvePath,
  type Snapshot,
  type SnapshotPath,
  splitPath,
} from '../repository/index.ts';
import type { SnapshotSelection } from './operations.ts';

export interface SelectedSource {
  readonly source: ManifestSource;
  /** Paths inside the source; empty means everything. */
  readonly paths: PathSelection;
}

/**
 * What is selected of which source: of the sources named (all, if none is), what the paths lead to (all, if there is none). Throws `SNAPSHOT_PATH_NOT_FOUND` for what is not there. */
export async function selectSources(
  snapshot: Snapshot,
  selection: SnapshotSelection,
  locator: ChunkLocator,
): Promise<readonly SelectedSource[]> {
  const named = selection.sources?.map((name) => sourceNamed(snapshot, name));
  const allowed = snapshot.sources.filter((source) => named?.includes(source) ?? true);
  if (selection.paths === undefined) return allowed.map((source) => ({ source, paths: [] }));
  const selected = new Map<ManifestSource, (readonly Buffer[])[] | 'whole'>();
  for (const path of selection.paths) {
    for (const { source, segments } of await leadsTo(snapshot, allowed, path, locator)) {
      const before = selected.get(source) ?? [];
      selected.set(source, segments.length === 0 || before === 'whole' ? 'whole' : [...before, segments]);
    }
  }
  return allowed.flatMap((source) => {
    const inside = selected.get(source);
    return inside === undefined ? [] : [{ source, paths: inside === 'whole' ? [] : inside }];
  });
}

/** Where a path leads among the allowed sources: into one of them, or, from above, to several. */
async function leadsTo(
  snapshot: Snapshot,
  allowed: readonly ManifestSource[],
  path: string,
  locator: ChunkLocator,
): Promise<readonly SnapshotPath[]> {
  const [folder, name] = splitPath(path);
  if (name === undefined) {
    const below = allowed.filter(({ content }) => folder === undefined || contentFolder(content) === folder.toString());
    if (below.length === 0) throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path });
    return below.map((source) => ({ source, segments: [] }));
  }
  const found = resolvePath(snapshot, path);
  if (!allowed.includes(found.source)) {
    const reason = `${path} lies in none of the sources asked for.`;
    throw new StrongroomError('INPUT_INVALID', { field: 'paths', reason });
  }
  await findEntry(found, locator);
  return [found];
}

function sourceNamed(snapshot: Snapshot, name: string): ManifestSource {
  const source = snapshot.sources.find((candidate) => candidate.name === name);
  if (source !== undefined) return source;
  const known = snapshot.sources.map((candidate) => candidate.name).join(', ');
  throw new StrongroomError('INPUT_INVALID', {
    field: 'sources',
    reason: `the backup has no source ${name}; it has ${known}.`,
  });
}
