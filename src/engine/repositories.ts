/** The operations on repositories as a whole. */
import {
  listSlots,
  listSnapshots,
  type OpenedRepository,
  removeSlot,
  removeSnapshot,
  snapshotName,
  FORMAT_VERSION,
} from '../repository/index.ts';
import type { EngineInput, KeySlotFacts, RepositoryFacts } from './operations.ts';
import type { Workshop } from './workshop.ts';

export async function createRepository(
  workshop: Workshop,
  { repository, design }: EngineInput<'createRepository'>,
): Promise<RepositoryFacts> {
  await workshop.create(repository, design);
  return workshop.withRepository(repository, factsOf);
}

export async function checkRepository(
  workshop: Workshop,
  { repository }: EngineInput<'checkRepository'>,
): Promise<RepositoryFacts> {
  return workshop.withRepository(repository, async (opened) => {
    await opened.storage.check();
    return factsOf(opened);
  });
}

export async function addRepositoryKey(
  workshop: Workshop,
  { repository, added }: EngineInput<'addRepositoryKey'>,
): Promise<KeySlotFacts> {
  return slotFacts(await workshop.addKey(repository, added));
}

export async function removeRepositoryKey(
  workshop: Workshop,
  { repository, slot }: EngineInput<'removeRepositoryKey'>,
): Promise<null> {
  return workshop.withRepository(repository, async ({ storage }) => {
    await removeSlot(storage, slot);
    return null;
  });
}

export async function deleteSnapshot(
  workshop: Workshop,
  { repository, snapshotId }: EngineInput<'deleteSnapshot'>,
): Promise<null> {
  return workshop.withRepository(repository, async (opened) => {
    await removeSnapshot(opened, snapshotName(snapshotId));
    return null;
  });
}

async function factsOf(repository: OpenedRepository): Promise<RepositoryFacts> {
  const { storage, description } = repository;
  let storedBytes = 0;
  for await (const { size } of storage.list('')) storedBytes += size;
  let snapshots = 0;
  for await (const _ of listSnapshots(repository)) snapshots += 1;
  const usage = storage.capabilities.usage ? await storage.usage?.() : undefined;
  return {
    repositoryId: description.id,
    formatVersion: FORMAT_VERSION,
    compressor: description.codecs[description.compression.codec] ?? 'raw',
    encryptor: description.encryptor.name,
    keySlots: (await listSlots(storage)).map(slotFacts),
    openedBy: repository.slot,
    snapshots,
    storedBytes,
    ...(usage !== undefined && { freeBytes: usage.freeBytes }),
  };
}

const slotFacts = ({ slot, kind, createdAt }: KeySlotFacts): KeySlotFacts => ({ slot, kind, createdAt });
