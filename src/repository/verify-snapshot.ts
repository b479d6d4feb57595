/** Verification at level DATA: every byte that a snapshot needs is read, opened and hashed. */
import { pathToText } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { contentIds } from './content.ts';
import { isDamage } from './damage.ts';
import { ID_BYTES, limits, objectKeys } from './format.ts';
import { getWhole } from './index-loader.ts';
import type { LanePool } from './lane-pool.ts';
import { WHOLE_PACK } from './lane-verify.ts';
import type { BlockLocation } from './location-index.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { inParallel } from './parallel.ts';
import { type RunCounters, throwIfCancelled } from './run-control.ts';
import type { Snapshot } from './snapshot.ts';
import { ChunkLocator, contentFolder, type LocatedEntry, walkSource } from './snapshot-reader.ts';

/** One object found missing or damaged. */
export interface FoundDamage {
  readonly object: string;
  readonly offset: number | undefined;
  readonly reason: string;
  /** Paths of the snapshot that need it; the first 100. */
  readonly paths: string[];
}

export interface VerifiedSnapshot {
  readonly objectsRead: number;
  readonly bytesRead: number;
  readonly damage: readonly FoundDamage[];
}

const PATHS_NAMED = 100;

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
  const needed = await neededBlocks(snapshot, locator, found, signal);
  counters.itemsTotal = 0;
  counters.bytesTotal = 0;
  for (const { blocks } of neededPacks(locator, needed)) {
    counters.itemsTotal += 1;
    counters.bytesTotal += sumOf(blocks);
  }
  const badBlocks = new Map<number, FoundDamage>();
  let bytesRead = 0;
  await inParallel(pool.width + 1, neededPacks(locator, needed), async ({ id, blocks: locations }) => {
    throwIfCancelled(signal);
    const key = objectKeys.pack(id);
    const blocks = locations.map((block) => ({ ...block, chunks: locator.index.chunksOf(block.block) }));
    counters.currentItem = key;
    const bad = (blockNumbers: readonly number[], offset: number | undefined, reason: string): void => {
      const damage = found.add(key, offset, reason);
      for (const number of blockNumbers) badBlocks.set(number, damage);
    };
    try {
      const bytes = await getWhole(repository.storage, key, limits.packBytes);
      const { answer } = await pool.submit({ kind: 'verifyPack', id, bytes, blocks });
      for (const { sequence, offset, reason } of (await answer).damage) {
        const block = blocks.find((candidate) => candidate.sequence === sequence);
        bad(sequence === WHOLE_PACK || block === undefined ? [] : [block.block], offset, reason);
      }
      bytesRead += bytes.length;
    } catch (error) {
      if (!isDamage(error)) throw error;
      bad(
        blocks.map(({ block }) => block),
        undefined,
        error.message,
      );
    }
    counters.itemsDone += 1;
    counters.bytesDone += sumOf(blocks);
  });
  if (badBlocks.size > 0) await namePaths(snapshot, locator, badBlocks, signal);
  for (const error of locator.damage) found.addError(error);
  return { objectsRead: counters.itemsDone, bytesRead, damage: found.all() };
}

class DamageList {
  readonly #found = new Map<string, FoundDamage>();

  add(object: string, offset: number | undefined, reason: string): FoundDamage {
    const key = `${object} ${offset ?? ''} ${reason}`;
    const known = this.#found.get(key) ?? { object, offset, reason, paths: [] };
    this.#found.set(key, known);
    return known;
  }

  addError(error: unknown, path?: string): void {
    if (!isDamage(error)) throw error;
    const { object, key, offset, reason } = error.details;
    const damage = this.add(
      String(object ?? key ?? objectKeys.packs),
      typeof offset === 'number' ? offset : undefined,
      String(reason ?? error.message),
    );
    if (path !== undefined) notePath(damage, path);
  }

  all(): readonly FoundDamage[] {
    return [...this.#found.values()];
  }
}

function notePath(damage: FoundDamage, path: string): void {
  if (damage.paths.length < PATHS_NAMED && !damage.paths.includes(path)) damage.paths.push(path);
}

/** Walks everything once, calling `visit` with each chunk's id and the path that needs it. */
async function visitChunks(
  snapshot: Snapshot,
  locator: ChunkLocator,
  onDamage: (path: string, error: unknown) => void,
  visit: (id: Uint8Array, path: string) => Promise<void> | void,
  signal: AbortSignal,
): Promise<void> {
  for (const source of snapshot.sources) {
    const prefix = `/${contentFolder(source.content)}/${source.name}`;
    const textOf = (path: Buffer): string => (path.length === 0 ? prefix : `${prefix}/${pathToText(path)}`);
    try {
      await visit(Buffer.from(source.root, 'hex'), prefix);
      const walk = walkSource(source, locator, [], (path, error) => onDamage(textOf(path), error));
      for await (const entry of walk) {
        throwIfCancelled(signal);
        await visitContent(entry, textOf(entry.path), locator, onDamage, visit);
      }
    } catch (error) {
      onDamage(prefix, error);
    }
  }
}

async function visitContent(
  { content }: LocatedEntry,
  path: string,
  locator: ChunkLocator,
  onDamage: (path: string, error: unknown) => void,
  visit: (id: Uint8Array, path: string) => Promise<void> | void,
): Promise<void> {
  try {
    if (content.depth > 0) {
      for (let at = 0; at < content.ids.length; at += ID_BYTES) {
        await visit(content.ids.subarray(at, at + ID_BYTES), path);
      }
    }
    for await (const id of contentIds(content, locator)) await visit(id, path);
  } catch (error) {
    onDamage(path, error);
  }
}

/** Numbers of the blocks that the snapshot's chunks lie in, as a bit set. */
async function neededBlocks(
  snapshot: Snapshot,
  locator: ChunkLocator,
  found: DamageList,
  signal: AbortSignal,
): Promise<(block: number) => boolean> {
  let bits = new Uint8Array(Math.ceil(locator.index.blockCount / 8));
  const onDamage = (path: string, error: unknown): void => {
    if (error instanceof StrongroomError && error.code === 'CANCELLED') throw error;
    found.addError(error, path);
  };
  const visit = async (id: Uint8Array, path: string): Promise<void> => {
    try {
      await locator.locate(id);
    } catch (error) {
      onDamage(path, error);
      return;
    }
    const block = locator.index.find(id)?.block ?? 0;
    if (block >> 3 >= bits.length) {
      const larger = new Uint8Array(Math.ceil(locator.index.blockCount / 8));
      larger.set(bits);
      bits = larger;
    }
    bits[block >> 3] = (bits[block >> 3] ?? 0) | (1 << (block & 7));
  };
  await visitChunks(snapshot, locator, onDamage, visit, signal);
  return (block) => ((bits[block >> 3] ?? 0) & (1 << (block & 7))) !== 0;
}

/** The packs with blocks that are needed. The blocks of a pack are numbered one after another. */
function* neededPacks(
  locator: ChunkLocator,
  needed: (block: number) => boolean,
): Generator<{ readonly id: string; readonly blocks: readonly BlockLocation[] }> {
  let blocks: BlockLocation[] = [];
  for (let number = 0; number < locator.index.blockCount; number++) {
    if (!needed(number)) continue;
    const block = locator.index.block(number);
    const pack = blocks[0]?.pack.id;
    if (pack !== undefined && pack !== block.pack.id) {
      yield { id: pack, blocks };
      blocks = [];
    }
    blocks.push(block);
  }
  const last = blocks[0]?.pack.id;
  if (last !== undefined) yield { id: last, blocks };
}

const sumOf = (blocks: readonly BlockLocation[]): number => blocks.reduce((sum, block) => sum + block.storedLength, 0);

/** Walks once more to say which paths need the damaged blocks. */
async function namePaths(
  snapshot: Snapshot,
  locator: ChunkLocator,
  badBlocks: ReadonlyMap<number, FoundDamage>,
  signal: AbortSignal,
): Promise<void> {
  const visit = (id: Uint8Array, path: string): void => {
    const damage = badBlocks.get(locator.index.find(id)?.block ?? -1);
    if (damage !== undefined) notePath(damage, path);
  };
  // What can't be walked was named by the first walk.
  await visitChunks(snapshot, locator, () => undefined, visit, signal);
}
