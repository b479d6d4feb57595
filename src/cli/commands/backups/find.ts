/** Finds the backup that is meant: by id, by name, or the latest. */
import { StrongroomError } from '../../../errors.ts';
import { unlessNoId } from '../../api/named.ts';
import { LATEST, notFound } from '../../api/not-found.ts';
import { collectPages } from '../../api/pages.ts';
import type { Named } from '../../api/named.ts';
import type { ApiClient } from '../../api/client.ts';
import { listBackups, showBackup } from './documents.ts';
import type { BackupDetails } from './documents.ts';

/** Backups whose name or notes hold the text that are looked through for one of exactly that name. */
const MOST_ALIKE = 1000;

/** The latest backups that are looked through for one with a name alike. */
const LOOKED_THROUGH = 50;

/** Ids that are told when a name is not enough. */
const IDS_TOLD = 10;

async function named(api: ApiClient, name: string): Promise<readonly Named[]> {
  const { nodes } = await collectPages(api, listBackups, { filter: { text: name } }, MOST_ALIKE);
  return nodes.filter((backup) => backup.name === name);
}

async function latest(api: ApiClient): Promise<readonly Named[]> {
  return (await collectPages(api, listBackups, { filter: { status: ['SUCCEEDED', 'PARTIAL'] } }, 1)).nodes;
}

/** The backup called `reference`; rejects with `OBJECT_NOT_FOUND`, or `NAME_AMBIGUOUS` when several have that name. */
export async function findBackup(api: ApiClient, reference: string): Promise<Named> {
  const found = reference === LATEST ? await latest(api) : await named(api, reference);
  if (found.length > 1) {
    const ids = found.slice(0, IDS_TOLD).map(({ id }) => id);
    throw new StrongroomError('NAME_AMBIGUOUS', {
      count: found.length,
      type: 'backup',
      name: reference,
      ids: `${ids.join(', ')}${found.length > IDS_TOLD ? ', …' : ''}`,
    });
  }
  const backup = found[0] ?? (await unlessNoId(async () => (await api.run(showBackup, { id: reference })).found));
  if (backup !== null) return backup;
  const { nodes } = await collectPages(api, listBackups, { filter: {} }, LOOKED_THROUGH);
  throw notFound('backup', reference, [LATEST, ...nodes.map(({ name }) => name)]);
}

/** All about the backup with that id; rejects with `OBJECT_NOT_FOUND`. */
export async function backupDetails(api: ApiClient, id: string): Promise<BackupDetails> {
  const { found } = await api.run(showBackup, { id });
  if (found === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'backup', id });
  return found;
}
