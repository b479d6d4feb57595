/**
 * Restores entries as plain files, for every kind of source. All is staged beside the target first and moved into place by
 * renames when it is complete (see `staging.ts`): until then a failure, a cancellation or a crash leaves the target as it
 * was; from then on the restore is finished, by a retry with the same restore id if need be. Where something may be replaced
 * or skipped, or the caller asks for it, what is staged is flushed before (docs/decisions/0054).
 */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RestoreEntry } from '../../../src/contracts/index.ts';
import { AttributeSetter } from './attributes.ts';
import { DirectoryJournal } from './directory-journal.ts';
import type { FileRestore } from './file-restore.ts';
import { moveIntoPlace } from './move.ts';
import { StageRun } from './stage-run.ts';
import { Staging, syncDirectory } from './staging.ts';

/**
 * Existing directories are merged and keep their attributes, except with `OVERWRITE`. A conflict is something that stands
 * where a non-directory is to be written, or a non-directory (a link too) where a directory must be. Throws
 * `RESTORE_CONFLICT`, `RESTORE_FAILED`, `RESTORE_TARGET_UNSUITABLE` or `CANCELLED`.
 */
export async function restoreFiles(entries: AsyncIterable<RestoreEntry>, restore: FileRestore): Promise<void> {
  const { policy, context } = restore;
  const target = Buffer.from(restore.target).toString('latin1');
  const near = restore.stageNear === undefined ? target : Buffer.from(restore.stageNear).toString('latin1');
  const staging = await Staging.open(near, context.restoreId);
  const attributes = new AttributeSetter(context, staging.owner);
  if (staging.moving) {
    for await (const entry of entries) context.done({ path: entry.path, kind: entry.kind, bytes: entry.size });
  } else {
    try {
      await new StageRun(target, staging, attributes, restore).run(entries);
      // With FAIL nothing that is there is replaced, and nothing left out because it is there.
      await staging.beginMoving(policy !== 'FAIL' || context.durable);
    } catch (error) {
      await staging.discard();
      throw error;
    }
  }
  moveIntoPlace(staging, target, policy, context);
  await finishDirectories(staging, target, attributes);
  if (staging.durable) for (const directory of [target, dirname(target)]) syncDirectory(directory);
  await staging.finish();
}

async function finishDirectories(staging: Staging, target: string, attributes: AttributeSetter): Promise<void> {
  const root = target === '/' ? '' : target;
  for await (const { path, metadata } of DirectoryJournal.read(staging.directories)) {
    const name = Buffer.from(path, 'latin1');
    const at = Buffer.from(path === '' ? target : `${root}/${path}`, 'latin1');
    if (isDirectory(at)) attributes.set(at, name, 'directory', metadata);
  }
}

const isDirectory = (path: Buffer): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
