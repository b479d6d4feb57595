/** The engine's only door: repositories of format version 1, as docs/format.md describes them. */
export { BackupWriter, type BackupWriterOptions } from './backup-writer.ts';
export { isDamage } from './damage.ts';
export { FORMAT_VERSION } from './format.ts';
export { IndexCache } from './index-cache.ts';
export { mergeIndex } from './index-merge.ts';
export type { DerivedKey, KeySlot, SlotKey } from './key-slots.ts';
export { type LanePorts, serveLane } from './lane.ts';
export { LanePool, type LaneSpawner, type LaneThread } from './lane-pool.ts';
export type { LaneMessage, LaneSetup } from './lane-protocol.ts';
export {
  addSlot,
  createRepository,
  type Design,
  type Expected,
  listSlots,
  openRepository,
  removeSlot,
} from './open.ts';
export type { CodecSource, OpenedRepository } from './opened-repository.ts';
export { readableEntry, readContent, RestoreReader } from './restore-reader.ts';
export { newCounters, type RunCounters, throwIfCancelled, Warnings } from './run-control.ts';
export { type Manifest, type ManifestSource, type Snapshot, snapshotName } from './snapshot.ts';
export {
  ChunkLocator,
  contentFolder,
  findEntry,
  type LocatedEntry,
  type PathSelection,
  resolvePath,
  type SnapshotPath,
  splitPath,
  walkSource,
} from './snapshot-reader.ts';
export { findSnapshot, listSnapshots, readSnapshot, removeSnapshot, writeSnapshot } from './snapshots.ts';
export { readDirectoryEntries } from './tree-reader.ts';
export { verifySnapshot } from './verify-snapshot.ts';
