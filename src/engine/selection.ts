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
  splitPath,
} from '../repository/index.ts';
import type { SnapshotSelection } from './operations.ts';

export interface SelectedSource {
  readonly source: ManifestSource;
  /** Paths inside the source; empty means everything. */
  readonly paths: PathSelection;
}

/** The selected sources in the order of the snapshot. Throws `SNAPSHOT_PATH_NOT_FOUND` for what is not there. */
export async function selectSources(
  snapshot: Snapshot,
  selection: SnapshotSelection,
  locator: ChunkLocator,
): Promise<readonly SelectedSource[]> {
  const { sources, paths } = selection;
  const named = new Set(
    (sources ?? snapshot.sources.map(({ name }) => name)).map((name) => sourceNamed(snapshot, name)),
  );
  if (paths === undefined) return ordered(snapshot, named).map((source) => ({ source, paths: [] }));
  const whole = new Set<ManifestSource>();
  const inside = new Map<string, (readonly Buffer[])[]>();
  for (const path of paths) {
    const [folder, name] = splitPath(path);
    if (name === undefined) {
      for (const source of sourcesBelow(snapshot, path, folder?.toString())) whole.add(source);
      continue;
    }
    const resolved = resolvePath(snapshot, path);
    await findEntry(resolved, locator);
    const { source, segments } = resolved;
    if (segments.length === 0) whole.add(source);
    else inside.set(source.name, [...(inside.get(source.name) ?? []), segments]);
  }
  return ordered(snapshot, named)
    .filter((source) => whole.has(source) || inside.has(source.name))
    .map((source) => ({ source, paths: whole.has(source) ? [] : (inside.get(source.name) ?? []) }));
}

const ordered = (snapshot: Snapshot, chosen: ReadonlySet<ManifestSource>): readonly ManifestSource[] =>
  snapshot.sources.filter((source) => chosen.has(source));

function sourceNamed(snapshot: Snapshot, name: string): ManifestSource {
  const source = snapshot.sources.find((candidate) => candidate.name === name);
  if (source !== undefined) return source;
  const known = snapshot.sources.map((candidate) => candidate.name).join(', ');
  throw new StrongroomError('INPUT_INVALID', {
    field: 'sources',
    reason: `the backup has no source ${name}; it has ${known}.`,
  });
}

/** The sources of a content kind's folder; all of them for `/`. */
function sourcesBelow(snapshot: Snapshot, path: string, folder: string | undefined): readonly ManifestSource[] {
  const found = snapshot.sources.filter(({ content }) => folder === undefined || contentFolder(content) === folder);
  if (found.length === 0) throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path });
  return found;
}
