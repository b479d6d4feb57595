/** Finds a source in its workload. */
import { StrongroomError } from '../../../errors.ts';
import { findNamedOrOnly, unlessNoId } from '../../api/named.ts';
import { notFound } from '../../api/not-found.ts';
import type { Named } from '../../api/named.ts';
import type { ApiClient } from '../../api/client.ts';
import type { StrongroomCommand } from '../../command.ts';
import { workloadNames } from '../workloads/documents.ts';
import { listSources, sourceById } from './documents.ts';
import type { Source } from './documents.ts';

export interface WorkloadOption {
  readonly workload?: string;
}

/** Adds the option for the workload that sources belong to. */
export const withWorkload = (command: StrongroomCommand): StrongroomCommand =>
  command.option('-w, --workload <workload>', 'the workload; not needed when there is only one');

/** The workload meant, with its sources. */
export async function workloadSources(
  api: ApiClient,
  { workload: reference }: WorkloadOption,
): Promise<{ readonly workload: Named; readonly sources: readonly Source[] }> {
  const workload = await findNamedOrOnly(api, workloadNames, reference);
  const found = await api.run(listSources, { id: workload.id });
  if (found.workload === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'workload', id: workload.name });
  return { workload, sources: found.workload.sources };
}

/** The source called `reference` by id, or by name in its workload; rejects with `OBJECT_NOT_FOUND`. */
export async function findSource(api: ApiClient, options: WorkloadOption, reference: string): Promise<Source> {
  if (options.workload === undefined) {
    // An id says it all: the workload need not be named then.
    const found = await unlessNoId(async () => (await api.run(sourceById, { id: reference })).found);
    if (found !== null) return found;
  }
  const { sources } = await workloadSources(api, options);
  const source = sources.find(({ name }) => name === reference) ?? sources.find(({ id }) => id === reference);
  if (source !== undefined) return source;
  throw notFound(
    'source',
    reference,
    sources.map(({ name }) => name),
  );
}
