/** Verification at level DATA: every byte that a snapshot needs is read, opened and hashed. */
import { setImmediate } from 'node:timers/promises';
import { pathToText } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { contentIds } from './content.ts';
import { isDamage } from './damage.ts';
import { DamageList, type FoundDamage, notePath } from './damage-list.ts';
import { ID_BYTES, limits, objectKeys } from './format.ts';
import { getWhole } from './index-loader.ts';
import type { LanePool } from './lane-pool.ts';
import type { BlockToVerify } from './lane-protocol.ts';
import { WHOLE_PACK } from './lane-verify.ts';
import type { BlockLocation, LocationIndex } from './location-index.ts';
import { type NeededPack, NeededPacks } from './needed-packs.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { PackBuffers } from './pack-buffers.ts';
import { packCapacity } from './pack-writer.ts';
import { inParallel } from './parallel.ts';
import { ownBuffers } from './own-buffers.ts';
import { type RunCounters, throwIfCancelled } from './run-control.ts';
import type { Snapshot } from './snapshot.ts';
import { ChunkLocator, contentFolder, type LocatedEntry, walkSource } from './snapshot-reader.ts';

export interface VerifiedSnapshot {
  readonly objectsRead: number;
  readonly bytesRead: number;
  readonly damage: readonly FoundDamage[];
}

/** Reads everything a snapshot needs. Damage is returned, not thrown. */
export async function verifySnapshot(
  repository: OpenedRepository,
  snapshot: Snapshot,
  pool: LanePool,
  counters: RunCounters,
  signal: AbortSignal,
): Promise<VerifiedSnapshot> {
  const locator = await ChunkLocator.open(repository);
  const found = new DamageList();
  const badBlocks = new Map<number, FoundDamage>();
  let bytesRead = 0;
  const buffers = new PackBuffers(packCapacity(repository.description));
  const verifyPack = async ({ id, blocks }: NeededPack, buffer: Uint8Array): Promise<void> => {
    throwIfCancelled(signal);
    const key = objectKeys.pack(id);
    counters.currentItem = key;
    const bad = (bads: readonly BlockLocation[], offset: number | undefined, reason: string): void => {
      const damage = found.add(key, offset, reason);
      for (const { block } of bads) badBlocks.set(block, damage);
    };
    try {
      const bytes = await getWhole(repository.storage, key, limits.packBytes, buffer);
      bytesRead += bytes.length;
      const work = { id, bytes, blocks: blocks.map((block) => blockToVerify(block, locator.index)) };
      const { answer } = await pool.submit({ kind: 'verifyPack', ...work }, ownBuffers([bytes]));
      for (const { sequence, offset, reason } of (await answer).damage) {
        const broken = blocks.filter((block) => sequence !== WHOLE_PACK && block.sequence === sequence);
        bad(broken, offset, reason);
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      bad(blocks, undefined, error.message);
    }
    counters.itemsDone += 1;
    counters.bytesDone += sumOf(blocks);
  };
  // Packs are read while the walk still goes on; how many there are is known when it has ended.
  const needed = new NeededPacks(locator.index);
  const walked = findNeeded(snapshot, locator, found, needed, counters, signal);
  await inParallel(pool.width + 1, needed, (pack) => buffers.lend((buffer) => verifyPack(pack, buffer)));
  await walked;
  if (badBlocks.size > 0) await namePaths(snapshot, locator, badBlocks, signal);
  for (const error of locator.damage) found.addError(error);
  return { objectsRead: counters.itemsDone, bytesRead, damage: found.all() };
}

/** A block with the chunks that are found in it. */
function blockToVerify(block: BlockLocation, index: LocationIndex): BlockToVerify {
  const chunks = index.chunksOf(block.block);
  const ids = Buffer.allocUnsafeSlow(chunks.length * ID_BYTES);
  const places = new Uint32Array(chunks.length * 2);
  chunks.forEach(({ id, offset, length }, position) => {
    ids.set(id, position * ID_BYTES);
    places.set([offset, length], position * 2);
  });
  return { ...block, ids, places };
}

/** Walks everything and tells which blocks are needed. Never rejects: what stops the walk ends the packs. */
async function findNeeded(
  snapshot: Snapshot,
  locator: ChunkLocator,
  found: DamageList,
  needed: NeededPacks,
  counters: RunCounters,
  signal: AbortSignal,
): Promise<void> {
  const onDamage = (path: string, error: unknown): void => {
    if (error instanceof StrongroomError && error.code === 'CANCELLED') throw error;
    found.addError(error, path);
  };
  const needChunk = async (id: Uint8Array, path: PathText): Promise<void> => {
    try {
      await locator.locate(id);
      const location = locator.index.find(id);
      if (location !== undefined) needed.need(location.block);
    } catch (error) {
      onDamage(path(), error);
    }
  };
  const visit: Visit = (id, path) => {
    const location = locator.index.find(id);
    if (location === undefined) return needChunk(id, path);
    needed.need(location.block);
    return undefined;
  };
  try {
    await visitChunks(snapshot, locator, onDamage, visit, signal);
    needed.end();
    counters.itemsTotal = needed.handedOut.packs;
    counters.bytesTotal = needed.handedOut.bytes;
  } catch (error) {
    needed.fail(error);
  }
}

/** Spares the words where nobody asks for them. */
type PathText = () => string;
type Visit = (id: Uint8Array, path: PathText) => Promise<void> | undefined;

/** Walks everything once, calling `visit` with each chunk's id and the path that needs it. */
async function visitChunks(
  snapshot: Snapshot,
  locator: ChunkLocator,
  onDamage: (path: string, error: unknown) => void,
  visit: Visit,
  signal: AbortSignal,
): Promise<void> {
  let entries = 0;
  for (const source of snapshot.sources) {
    const prefix = `/${contentFolder(source.content)}/${source.name}`;
    const textOf = (path: Buffer): string => (path.length === 0 ? prefix : `${prefix}/${pathToText(path)}`);
    try {
      await visit(Buffer.from(source.root, 'hex'), () => prefix);
      const walk = walkSource(source, locator, [], (path, error) => onDamage(textOf(path), error));
      for await (const entry of walk) {
        // What others wait for, lanes above all, is served in between.
        if (++entries % PAUSE_EVERY === 0) await setImmediate();
        throwIfCancelled(signal);
        await visitContent(entry, () => textOf(entry.path), locator, onDamage, visit);
      }
    } catch (error) {
      onDamage(prefix, error);
    }
  }
}

const PAUSE_EVERY = 256;

async function visitContent(
  { content }: LocatedEntry,
  path: PathText,
  locator: ChunkLocator,
  onDamage: (path: string, error: unknown) => void,
  visit: Visit,
): Promise<void> {
  try {
    for (let at = 0; at < content.ids.length; at += ID_BYTES) {
      await visit(content.ids.subarray(at, at + ID_BYTES), path);
    }
    if (content.depth === 0) return;
    for await (const id of contentIds(content, locator)) await visit(id, path);
  } catch (error) {
    onDamage(path(), error);
  }
}

const sumOf = (blocks: readonly BlockLocation[]): number => blocks.reduce((sum, block) => sum + block.storedLength, 0);

/** Walks once more to say which paths need the damaged blocks. */
async function namePaths(
  snapshot: Snapshot,
  locator: ChunkLocator,
  badBlocks: ReadonlyMap<number, FoundDamage>,
  signal: AbortSignal,
): Promise<void> {
  const visit = (id: Uint8Array, path: PathText): undefined => {
    const damage = badBlocks.get(locator.index.find(id)?.block ?? -1);
    if (damage !== undefined) notePath(damage, path());
  };
  // What can't be walked was named by the first walk.
  await visitChunks(snapshot, locator, () => undefined, visit, signal);
}
