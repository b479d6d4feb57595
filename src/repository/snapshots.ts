/** The snapshots of a repository: write, read, list, remove. */
import { StrongroomError } from '../errors.ts';
import { objectKeys } from './format.ts';
import { getWhole } from './index-loader.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { RECORD_MAX } from './record.ts';
import { decodeSnapshot, encodeSnapshot, type Manifest, type Snapshot, type SnapshotContext } from './snapshot.ts';

const contextOf = ({ sealing, codecs, keys }: OpenedRepository): SnapshotContext => ({
  sealing,
  codecs,
  chunkIdKey: keys.chunkId,
});

/**
 * Stores a snapshot and answers the one that is there then: another attempt of the same backup may have stored its own first.
 * Everything it needs must be durable and indexed. Its bytes count in `statistics.storedBytes` of nobody.
 */
export async function writeSnapshot(
  repository: OpenedRepository,
  manifest: Manifest,
): Promise<{ readonly snapshot: Snapshot; readonly storedBytes: number }> {
  const { bytes, checksum } = encodeSnapshot(contextOf(repository), manifest);
  const put = await repository.storage.put(objectKeys.snapshot(manifest.id), bytes, { ifAbsent: true });
  if (put === 'exists') return { snapshot: await readSnapshot(repository, manifest.id), storedBytes: 0 };
  return { snapshot: { ...manifest, checksum }, storedBytes: bytes.length };
}

/** Throws `SNAPSHOT_NOT_FOUND` or, for one that can't be read as it was written, `REPOSITORY_DAMAGED`. */
export async function readSnapshot(repository: OpenedRepository, id: string): Promise<Snapshot> {
  const snapshot = await findSnapshot(repository, id);
  if (snapshot === undefined) throw new StrongroomError('SNAPSHOT_NOT_FOUND', { id });
  return snapshot;
}

/** Like `readSnapshot`, but `undefined` where there is none. */
export async function findSnapshot(repository: OpenedRepository, id: string): Promise<Snapshot | undefined> {
  const key = objectKeys.snapshot(id);
  if ((await repository.storage.stat(key)) === undefined) return undefined;
  return decodeSnapshot(contextOf(repository), await getWhole(repository.storage, key, RECORD_MAX), id);
}

/** Names of all snapshots. */
export async function* listSnapshots({ storage }: Pick<OpenedRepository, 'storage'>): AsyncGenerator<string> {
  for await (const { key } of storage.list(objectKeys.snapshots)) yield key.slice(objectKeys.snapshots.length);
}

/** Removes a snapshot; its chunks stay. One that is not there is fine. */
export async function removeSnapshot({ storage }: OpenedRepository, id: string): Promise<void> {
  await storage.remove([objectKeys.snapshot(id)]);
}
