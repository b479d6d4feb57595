/** Finds the backup that is meant: by id, by name, or the latest. */
import { StrongroomError } from '../../../errors.ts';
import { unlessNoId } from '../../api/named.ts';
import type { Named } from '../../api/named.ts';
import type { ApiClient } from '../../api/client.ts';
import { listBackups, showBackup } from './documents.ts';
import type { BackupDetails } from './documents.ts';

/** The word for the youngest backup that can be restored. */
export const LATEST = 'latest';

/** The backup called `reference`; rejects with `OBJECT_NOT_FOUND`, or `NAME_AMBIGUOUS` when several have that name. */
export async function findBackup(api: ApiClient, reference: string): Promise<Named> {
  const filter = reference === LATEST ? { status: ['SUCCEEDED', 'PARTIAL'] } : { text: reference };
  const { page } = await api.run(listBackups, { filter, first: reference === LATEST ? 1 : 50, after: null });
  const nodes = page.edges.map(({ node }) => node).filter(({ name }) => reference === LATEST || name === reference);
  const [backup, ...others] = nodes;
  if (backup !== undefined && others.length > 0) {
    const ids = nodes.map(({ id }) => id).join(', ');
    throw new StrongroomError('NAME_AMBIGUOUS', { count: nodes.length, type: 'backup', name: reference, ids });
  }
  if (backup !== undefined) return backup;
  const found = await unlessNoId(async () => (await api.run(showBackup, { id: reference })).found);
  if (found === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'backup', id: reference });
  return found;
}

/** All about the backup with that id; rejects with `OBJECT_NOT_FOUND`. */
export async function backupDetails(api: ApiClient, id: string): Promise<BackupDetails> {
  const { found } = await api.run(showBackup, { id });
  if (found === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'backup', id });
  return found;
}
