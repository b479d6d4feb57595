/** A workload with a source and a repository, and backups of it, made through the API. */
import { waitFor } from '../../support/wait-for.ts';
import { mutate, type TestService } from './service.ts';

export const secretPassphrase = 'passphrase-that-must-not-leak-8d1f';

export interface Ground {
  readonly workloadId: string;
  readonly sourceId: string;
  readonly repositoryId: string;
}

/** Makes what a backup needs; `name` keeps several apart. */
export async function makeGround(service: TestService, name: string): Promise<Ground> {
  const workload = await mutate(service, 'createWorkload', { name }, 'Workload');
  const source = await mutate(
    service,
    'createSource',
    { workloadId: workload.id, name: 'uploads', plugin: 'directory', configuration: { path: service.root } },
    'Source',
  );
  const repository = await mutate(
    service,
    'createRepository',
    {
      name,
      storage: { plugin: 'filesystem', configuration: { path: `${service.root}/${name}` } },
      passphrase: secretPassphrase,
    },
    'Repository',
  );
  return { workloadId: workload.id, sourceId: source.id, repositoryId: repository.id };
}

/** Waits until a run is over and answers its status. */
export const untilEnded = (
  service: TestService,
  field: 'backup' | 'restore' | 'verification',
  id: string,
): Promise<string> =>
  waitFor(
    async () => {
      const run = await service.ask<{ status: string }>(field, `query($id: ID!) { ${field}(id: $id) { status } }`, {
        id,
      });
      return ['QUEUED', 'RUNNING'].includes(run.status) ? undefined : run.status;
    },
    { message: `the end of the ${field}` },
  );

/** Makes a backup and waits for its end. */
export async function makeBackup(
  service: TestService,
  { workloadId, repositoryId }: Ground,
  more: Record<string, unknown> = {},
): Promise<string> {
  const { id } = await mutate(service, 'createBackup', { workloadId, repositoryId, ...more }, 'Backup');
  await untilEnded(service, 'backup', id);
  return id;
}
