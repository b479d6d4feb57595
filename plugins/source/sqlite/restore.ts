/** Puts a database file back in place: staged beside it, proved whole, swapped by renames. */
import { lstatSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { mkdir } from 'node:fs/promises';
import type { ConflictPolicy, RestoreContext, RestoreEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { AttributeSetter } from '../directory/attributes.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { Staging, syncDirectory } from '../directory/staging.ts';
import { isMissing, reasonOf, systemCode } from '../directory/warnings.ts';
import { describeTables, openDatabase, proveIntegrity } from './database.ts';

/** Files that belong to a database beside it. An old one beside a new database would be played into it. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

/**
 * Restores the one file among `entries` to `path` (absolute, allowed). A database that can't be had whole is not restored
 * at all: the error says why and what was there stays. Once the swap has begun it is finished, by a retry if need be.
 */
export async function restoreDatabase(
  entries: AsyncIterable<RestoreEntry>,
  path: string,
  policy: ConflictPolicy,
  context: RestoreContext,
): Promise<void> {
  const place = Buffer.from(path).toString('latin1');
  const staging = await Staging.open(place, context.restoreId);
  const staged = `${staging.path}/database`;
  if (staging.moving) {
    const { path: name, size } = await theFile(entries);
    context.done({ path: name, kind: 'file', bytes: size });
  } else {
    try {
      const entry = await theFile(entries);
      if (!admits(path, policy)) {
        await staging.discard();
        return;
      }
      await stage(entry, Buffer.from(staged, 'latin1'), path, context);
      throwIfCancelled(context.signal);
      await staging.beginMoving(true);
      context.done({ path: entry.path, kind: 'file', bytes: entry.size });
    } catch (error) {
      await staging.discard();
      throw error;
    }
  }
  await mkdir(dirname(path), { recursive: true });
  swap(staging, staged, place);
  syncDirectory(dirname(place));
  await staging.finish();
}

async function theFile(entries: AsyncIterable<RestoreEntry>): Promise<RestoreEntry> {
  for await (const entry of entries) if (entry.kind === 'file') return entry;
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: 'what was selected holds no database file' });
}

/** Whether to write, given what is at `path`. */
function admits(path: string, policy: ConflictPolicy): boolean {
  const stats = lookAt(path);
  if (stats === undefined) return true;
  if (!stats.isFile()) throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: `${path} is not a file` });
  if (policy === 'FAIL') throw new StrongroomError('RESTORE_CONFLICT', { count: 1, first: path });
  return policy === 'OVERWRITE';
}

async function stage(entry: RestoreEntry, staged: Buffer, path: string, context: RestoreContext): Promise<void> {
  try {
    await entry.writeFile(staged);
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    const reason = systemCode(error) === 'ENOSPC' ? 'the disk is full' : reasonOf(error);
    throw new StrongroomError('RESTORE_FAILED', { subject: path, reason }, { cause: error });
  }
  {
    using database = openDatabase(staged.toString(), { readOnly: false });
    await proveIntegrity(database, path, context.signal);
    for await (const table of describeTables(database, context.signal)) context.table(table);
  }
  new AttributeSetter(context).set(staged, entry.path, 'file', entry.metadata);
}

/** The old database makes room first and its companions after it: at no moment does one of them lie beside the new one. */
function swap(staging: Staging, staged: string, place: string): void {
  if (lookAt(staged) === undefined) return;
  for (const part of ['', ...COMPANIONS]) {
    if (lookAt(place + part) !== undefined)
      renameSync(latin1(place + part), latin1(`${staging.replaced}/database${part}`));
  }
  renameSync(latin1(staged), latin1(place));
}

const latin1 = (path: string): Buffer => Buffer.from(path, 'latin1');

function lookAt(path: string): ReturnType<typeof lstatSync> {
  try {
    return lstatSync(latin1(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
