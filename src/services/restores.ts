/** Runs that put a backup, or a part of it, back: create, cancel. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { CatalogueTransaction } from '../catalogue/client.ts';
import type { ConflictPolicy } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { openStatuses } from '../jobs/run-rows.ts';
import { type Actor, actorName, type Changed } from './actor.ts';
import type { ServiceParts } from './deps.ts';
import { inputInvalid, notes, parseInput, snapshotPaths, sourceNames, tablePatterns } from './input.ts';
import { discardPrevious, revertRestore } from './previous.ts';
import { checkedRestore, type RestoreOrder, restoreType } from './restore-input.ts';
import { cancelRun, queueRun } from './run-commands.ts';

export interface RestoreTargetInput {
  readonly kind: 'IN_PLACE' | 'DIRECTORY' | 'DATABASE' | 'SCHEMA';
  /** Absolute path, for `DIRECTORY`. */
  readonly path?: string;
  /** Name of the database, for `DATABASE`. */
  readonly database?: string;
  /** Name of the schema, for `SCHEMA`. */
  readonly schema?: string;
  /** Source, of any workload, whose server takes it, for `DATABASE` and `SCHEMA`; that of the workload when absent. */
  readonly sourceId?: string;
}

export interface CreateRestoreInput {
  readonly backupId: string;
  /** In place when absent. */
  readonly target?: RestoreTargetInput;
  /** Names of sources; all when absent or empty. For a `DATABASE` target all of kind `DATABASE`. */
  readonly sources?: readonly string[];
  /** Paths inside the snapshot, as text; all when absent or empty. */
  readonly paths?: readonly string[];
  /** Patterns of tables of databases; all when absent or empty. The other tables stay as they are. */
  readonly includeTables?: readonly string[];
  /** Hours for which databases or tables that are replaced are kept, 1 to 8,760; not at all when absent. */
  readonly keepPreviousHours?: number;
  /** `FAIL` when absent. */
  readonly conflictPolicy?: ConflictPolicy;
  readonly notes?: string;
}

/** Rejects with `INPUT_INVALID` (the field named), `OBJECT_NOT_FOUND`, `STATE_CONFLICT`, `PATH_NOT_ALLOWED`. */
export interface Restores {
  /** Writes the row and its job in one transaction; the restore is then `QUEUED`. */
  create(actor: Actor, input: CreateRestoreInput): Promise<Changed>;
  /** A queued restore is cancelled at once, a running one within two seconds. `STATE_CONFLICT` when it has ended otherwise. */
  cancel(actor: Actor, id: string): Promise<Changed>;
  /**
   * Brings back what a restore has replaced and kept. `STATE_CONFLICT` where nothing is kept any more. What applications have written since
   * the restore is lost with what it had restored.
   */
  revert(actor: Actor, id: string, signal?: AbortSignal): Promise<Changed>;
  /** Lets go at once of what a restore has replaced and kept; `STATE_CONFLICT` where nothing is kept any more. */
  discardPrevious(actor: Actor, id: string, signal?: AbortSignal): Promise<Changed>;
}

const databaseName = z.string().trim().min(1, 'must not be empty').max(63, 'must have at most 63 characters');
const target = z.strictObject({
  kind: z.enum(['IN_PLACE', 'DIRECTORY', 'DATABASE', 'SCHEMA']),
  path: z.string().max(4_096, 'must have at most 4,096 characters').optional(),
  database: databaseName.optional(),
  schema: databaseName.optional(),
  sourceId: z.string().optional(),
});
const created = z.strictObject({
  backupId: z.string(),
  target: target.default({ kind: 'IN_PLACE' }),
  sources: sourceNames.default([]),
  paths: snapshotPaths.default([]),
  includeTables: tablePatterns.default([]),
  keepPreviousHours: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(8_760, 'must be at most 8,760')
    .optional(),
  conflictPolicy: z.enum(['FAIL', 'OVERWRITE', 'SKIP']).default('FAIL'),
  notes: notes.default(''),
});

/** What is asked, as a row says it. Throws `INPUT_INVALID`, and `PATH_NOT_ALLOWED` for a directory outside the roots. */
export async function restoreOrder(
  { host, ids }: Pick<ServiceParts, 'host' | 'ids'>,
  input: CreateRestoreInput,
): Promise<RestoreOrder & { readonly notes: string }> {
  const order = parseInput(created, input);
  const { kind, path, database, schema, sourceId } = order.target;
  if (path !== undefined && kind !== 'DIRECTORY') throw inputInvalid('target.path', `does not go with ${kind}`);
  if (database !== undefined && kind !== 'DATABASE') throw inputInvalid('target.database', `does not go with ${kind}`);
  if (sourceId !== undefined && kind !== 'DATABASE' && kind !== 'SCHEMA') {
    throw inputInvalid('target.sourceId', `does not go with ${kind}`);
  }
  if (schema !== undefined && kind !== 'SCHEMA') throw inputInvalid('target.schema', `does not go with ${kind}`);
  if (kind === 'SCHEMA' && schema === undefined) throw inputInvalid('target.schema', 'is needed for SCHEMA');
  if (kind === 'DIRECTORY' && order.includeTables.length > 0) {
    throw inputInvalid('includeTables', 'goes with databases; name the folders of the tables by paths instead');
  }
  if (kind === 'DIRECTORY' && path === undefined) throw inputInvalid('target.path', 'is needed for DIRECTORY');
  if (kind === 'DATABASE' && database === undefined) throw inputInvalid('target.database', 'is needed for DATABASE');
  if (path !== undefined && !isAbsolute(path)) throw inputInvalid('target.path', 'must be absolute');
  return {
    id: ids(),
    backupId: order.backupId,
    targetKind: kind,
    targetPath: path === undefined ? null : await host.allowedPath(path),
    targetDatabase: database ?? null,
    targetSchema: schema ?? null,
    targetSourceId: sourceId ?? null,
    conflictPolicy: order.conflictPolicy,
    sources: [...order.sources],
    paths: [...order.paths],
    includeTables: [...order.includeTables],
    keepPreviousHours: order.keepPreviousHours ?? null,
    notes: order.notes,
  };
}

type Parts = Pick<ServiceParts, 'prisma' | 'queue' | 'engine' | 'access' | 'host' | 'feed' | 'clock' | 'ids'>;

export function createRestores(parts: Parts): Restores {
  return {
    async create(actor, input) {
      const order = await restoreOrder(parts, input);
      const { engineInput, backup, kinds } = await checkedRestore(parts, order);
      const data = {
        ...order,
        sources: [...(engineInput.selection.sources ?? [])],
        type: restoreType(engineInput, kinds),
        initiatedBy: actorName(actor),
      };
      const run = { kind: 'restore', id: order.id, title: `Restore of ${backup.name}` } as const;
      return queueRun(parts, actor, run, async (transaction, jobId) => {
        if (order.targetKind === 'IN_PLACE') await refuseSecond(transaction, backup.workloadId);
        await transaction.restore.create({ data: { ...data, jobId } });
      });
    },
    cancel: (actor, id) => cancelRun(parts, actor, 'restore', id),
    revert: (actor, id, signal) => revertRestore(parts, actor, id, signal),
    discardPrevious: (actor, id, signal) => discardPrevious(parts, actor, id, signal),
  };

  /** Two restores into the same place at a time would leave a mixture. */
  async function refuseSecond(transaction: CatalogueTransaction, workloadId: string): Promise<void> {
    await transaction.$queryRaw`SELECT 1 FROM workload WHERE id = ${workloadId}::uuid FOR UPDATE`;
    const under = { targetKind: 'IN_PLACE' as const, backup: { workloadId }, status: { in: openStatuses } };
    if ((await transaction.restore.count({ where: under })) === 0) return;
    const reason = 'another restore into its place is under way';
    throw new StrongroomError('STATE_CONFLICT', { type: 'workload', id: workloadId, state: 'being restored', reason });
  }
}
