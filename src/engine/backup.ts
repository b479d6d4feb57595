/** The operation `backup`. */
import type { TableInfo } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import {
  BackupWriter,
  findSnapshot,
  isDamage,
  type Manifest,
  type ManifestSource,
  mergeIndex,
  type OpenedRepository,
  type Snapshot,
  snapshotName,
  throwIfCancelled,
  writeSnapshot,
} from '../repository/index.ts';
import type { BackupInput, BackupResult, SourceChoice } from './operations.ts';
import { type Run, sourceExpectation } from './run.ts';
import type { Workshop } from './workshop.ts';

/** Backs up all sources into one snapshot. Called again for a backup that is done, it answers what that came to. */
export async function backup(workshop: Workshop, input: BackupInput, run: Run): Promise<BackupResult> {
  return workshop.withRepository(input.repository, async (repository) => {
    const id = snapshotName(input.backupId);
    const done = await findSnapshot(repository, id);
    if (done !== undefined) return resultOf(done, done.statistics.storedBytes);
    const parent = await readParent(repository, input.parent);
    await using writer = await BackupWriter.open(repository, {
      spawn: workshop.spawnLane,
      lanes: workshop.settings.lanes,
      signal: run.signal,
      counters: run.counters,
      warnings: run.warnings,
      resume: input.resume,
    });
    run.limits.onLanes((lanes) => writer.limitLanes(lanes));
    run.enter('READING');
    const sources: ManifestSource[] = [];
    let unchangedFiles = 0;
    for (const source of input.sources) {
      const { unchanged, ...manifest } = await backUpSource(workshop, input, source, parent, writer, run);
      sources.push(manifest);
      unchangedFiles += unchanged;
    }
    run.enter('FINISHING');
    await writer.finish();
    throwIfCancelled(run.signal);
    const manifest: Manifest = {
      version: 1,
      id,
      backupId: input.backupId,
      type: input.type,
      workload: input.workload,
      startedAt: input.startedAt,
      completedAt: new Date().toISOString(),
      ...(parent !== undefined && { parent: parent.id }),
      program: workshop.settings.program,
      sources,
      statistics: {
        logicalBytes: sources.reduce((sum, { bytes }) => sum + bytes, 0),
        readBytes: writer.readBytes,
        addedBytes: run.counters.addedBytes,
        storedBytes: writer.storedBytes,
        files: sources.reduce((sum, { files }) => sum + files, 0),
        unchangedFiles,
      },
      warnings: run.warnings.kept,
      warningCount: run.warnings.count,
    };
    const { snapshot, storedBytes } = await writeSnapshot(repository, manifest);
    await tidyIndex(repository, run.signal);
    return resultOf(snapshot, snapshot.statistics.storedBytes + storedBytes);
  });
}

/**
 * Merges small index objects. The backup is complete already, and nothing is lost by merging half: so what the storage target has
 * against it, for instance that it lets nobody remove anything, does not fail it, and a later backup tries again.
 */
async function tidyIndex(repository: OpenedRepository, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    await mergeIndex(repository);
  } catch (error) {
    if (!(error instanceof StrongroomError) || !['access', 'damage', 'unavailable'].includes(error.category))
      throw error;
  }
}

/** A parent that is gone or damaged is no parent: everything is then read, and still deduplicated. */
async function readParent(repository: OpenedRepository, parent: string | undefined): Promise<Snapshot | undefined> {
  if (parent === undefined) return undefined;
  try {
    return await findSnapshot(repository, snapshotName(parent));
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

async function backUpSource(
  workshop: Workshop,
  input: BackupInput,
  choice: SourceChoice,
  parent: Snapshot | undefined,
  writer: BackupWriter,
  run: Run,
): Promise<ManifestSource & { readonly unchanged: number }> {
  const { name, content, plugin } = choice;
  await using source = await workshop.source(choice);
  const tables = new Map<string, TableInfo>();
  const before = parent?.sources.find((known) => known.name === name && known.content === content);
  const listeners = { warn: run.warnings.add.bind(run.warnings), expect: sourceExpectation(run) };
  return await workshop.withContext(`${input.backupId}-${name}`, run.signal, listeners, async (context) => {
    const table = (info: TableInfo): void => void tables.set(info.name, info);
    const entries = source.read(input.selection, { ...context, table });
    const totals = await writer.source(entries, before?.root, source.streamsAtOnce);
    const { root, files, directories, bytes, unchangedFiles } = totals;
    const manifest = { name, content, plugin, root, files, directories, bytes, tables: [...tables.values()] };
    return { ...manifest, unchanged: unchangedFiles };
  });
}

const resultOf = (snapshot: Manifest & { readonly checksum: string }, storedBytes: number): BackupResult => ({
  snapshotId: snapshot.id,
  checksum: snapshot.checksum,
  sources: snapshot.sources.map(({ root: _, ...summary }) => summary),
  ...snapshot.statistics,
  storedBytes,
  warnings: snapshot.warnings,
  warningCount: snapshot.warningCount,
});
