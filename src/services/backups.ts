/** Runs that read a workload's sources into a repository: create, cancel, retry, annotate, delete. */
import { z } from 'zod';
import { type Backup, Prisma } from '../catalogue/generated/prisma/client.ts';
import type { ContentKind } from '../contracts/index.ts';
import type { BackupInput } from '../engine/operations.ts';
import { StrongroomError } from '../errors.ts';
import { backupJob } from '../jobs/definitions.ts';
import { backupRows } from '../jobs/run-rows.ts';
import { type Actor, actorName, type Changed, type Label } from './actor.ts';
import { sourcesOfType } from './backup-sources.ts';
import { type Change, recordChange } from './changes.ts';
import { deleteBackup } from './delete-backup.ts';
import type { ServiceParts } from './deps.ts';
import { inputInvalid, labels, longName, notes, parseInput, sourceNames, tablePatterns } from './input.ts';
import { asJson, existing } from './rows.ts';
import { cancelRun, queueRun } from './run-commands.ts';

export interface CreateBackupInput {
  readonly workloadId: string;
  readonly repositoryId: string;
  /** `FULL` when absent. */
  readonly type?: BackupInput['type'];
  /** Made of workload, type and time when absent. At most 200 characters. */
  readonly name?: string;
  /** Names of sources; all of the type when absent or empty. */
  readonly sources?: readonly string[];
  readonly includeTables?: readonly string[];
  readonly excludeTables?: readonly string[];
  readonly excludeTableData?: readonly string[];
  /** 1 to 36,500; kept until deleted when absent. */
  readonly retentionDays?: number;
  readonly pinned?: boolean;
  /** At most 10,000 characters. */
  readonly notes?: string;
  /** At most 50. */
  readonly labels?: readonly Label[];
}

/** Fields that are absent stay as they are. */
export interface UpdateBackupInput {
  readonly id: string;
  readonly name?: string;
  readonly notes?: string;
  readonly labels?: readonly Label[];
  readonly pinned?: boolean;
}

/** Rejects with `INPUT_INVALID` (the field named), `OBJECT_NOT_FOUND`, `STATE_CONFLICT`. */
export interface Backups {
  /** Writes the row and its job in one transaction; the backup is then `QUEUED`. */
  create(actor: Actor, input: CreateBackupInput): Promise<Changed>;
  update(actor: Actor, input: UpdateBackupInput): Promise<Changed>;
  /** A queued backup is cancelled at once, a running one within two seconds. `STATE_CONFLICT` when it has ended otherwise. */
  cancel(actor: Actor, id: string): Promise<Changed>;
  /** Queues a failed or cancelled backup again; what it had stored is found and used. */
  retry(actor: Actor, id: string): Promise<Changed>;
  /**
   * Removes the snapshot, then the row with its restores and verifications. `STATE_CONFLICT` while the backup, a
   * restore or a verification of it runs. After a failure in between it may be called again.
   */
  delete(actor: Actor, id: string, signal?: AbortSignal): Promise<Changed>;
}

const type = z.enum(['FULL', 'DATABASE', 'FILES', 'CONFIGURATION', 'INCREMENTAL']);
const created = z.strictObject({
  workloadId: z.string(),
  repositoryId: z.string(),
  type: type.default('FULL'),
  name: longName.optional(),
  sources: sourceNames.default([]),
  includeTables: tablePatterns.default([]),
  excludeTables: tablePatterns.default([]),
  excludeTableData: tablePatterns.default([]),
  retentionDays: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(36_500, 'must be at most 36,500')
    .optional(),
  pinned: z.boolean().default(false),
  notes: notes.default(''),
  labels: labels.default([]),
});
const updated = z.strictObject({
  name: longName.optional(),
  notes: notes.optional(),
  labels: labels.optional(),
  pinned: z.boolean().optional(),
});

type Parts = Pick<ServiceParts, 'prisma' | 'queue' | 'engine' | 'access' | 'feed' | 'clock' | 'ids'>;

export function createBackups(parts: Parts): Backups {
  const { prisma, queue, clock, ids } = parts;
  const find = (id: string) => existing('backup', id, (found) => prisma.backup.findUnique({ where: { id: found } }));

  return {
    async create(actor, input) {
      const { workloadId, repositoryId, sources, name: given, ...order } = parseInput(created, input);
      const workload = await existing('workload', workloadId, (id) =>
        prisma.workload.findUnique({ where: { id }, include: { sources: true } }),
      );
      const repository = await existing('repository', repositoryId, (id) =>
        prisma.repository.findUnique({ where: { id } }),
      );
      const chosen = sourcesOfType(workload.sources, order.type, sources);
      refuseIdleTables(chosen, order);
      const id = ids();
      const name = given ?? `${workload.name} ${order.type.toLowerCase()} ${timeText(clock.now())}`;
      const data = {
        ...order,
        id,
        name,
        workloadId,
        repositoryId,
        selectedSources: [...sources],
        includeTables: [...order.includeTables],
        excludeTables: [...order.excludeTables],
        excludeTableData: [...order.excludeTableData],
        retentionDays: order.retentionDays ?? null,
        labels: asJson(order.labels),
        compression: repository.compressorPlugin,
        compressionLevel: repository.compressionLevel,
        encryption: repository.encryptorPlugin,
        initiatedBy: actorName(actor),
      };
      return queueRun(parts, actor, { kind: 'backup', id, title: `Backup ${name}` }, (transaction, jobId) =>
        transaction.backup.create({ data: { ...data, jobId } }),
      );
    },
    async update(actor, { id, ...input }) {
      const { name, notes: text, labels: tags, pinned } = parseInput(updated, input);
      const data = {
        ...(name !== undefined && { name }),
        ...(text !== undefined && { notes: text }),
        ...(tags !== undefined && { labels: asJson(tags) }),
        ...(pinned !== undefined && { pinned }),
      };
      const before = annotations(await find(id));
      return prisma.$transaction(async (transaction) => {
        const after = annotations(await transaction.backup.update({ where: { id }, data }));
        await recordChange(transaction, actor, changeOf('updated', id, after.name, { before, after }));
        return { id };
      });
    },
    cancel: (actor, id) => cancelRun(parts, actor, 'backup', id),
    async retry(actor, id) {
      const before = await find(id);
      if (before.status !== 'FAILED' && before.status !== 'CANCELLED')
        throw notNow(before, 'only a failed or cancelled one is tried again');
      return prisma.$transaction(async (transaction) => {
        const expected = { status: { in: [before.status] }, jobId: before.jobId };
        const change = {
          status: 'QUEUED' as const,
          cancelRequestedAt: null,
          completedAt: null,
          errorCode: null,
          errorDetails: Prisma.DbNull,
        };
        const isOurs = await backupRows.change(transaction, id, expected, change);
        if (!isOurs) throw notNow(before, 'somebody else changed it just now');
        if (before.jobId !== null) await queue.remove(transaction, backupJob, before.jobId);
        const jobId = await queue.enqueue(transaction, backupJob, id, { runId: id });
        await backupRows.change(transaction, id, {}, { jobId });
        await recordChange(transaction, actor, changeOf('retried', id, before.name, {}));
        await parts.feed.changed(transaction, 'backup', id);
        return { id };
      });
    },
    delete: (actor, id, signal) => deleteBackup(parts, actor, id, signal),
  };
}

/** `2026-01-02 03:04:05` */
const timeText = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ');

const tableFields = ['includeTables', 'excludeTables', 'excludeTableData'] as const;

function refuseIdleTables(
  chosen: readonly { readonly content: ContentKind }[],
  order: Readonly<Record<(typeof tableFields)[number], readonly string[]>>,
): void {
  if (chosen.some((source) => source.content === 'DATABASE')) return;
  const reason = 'none of the sources to be backed up holds DATABASE';
  for (const field of tableFields) if (order[field].length > 0) throw inputInvalid(field, reason);
}

const annotations = ({ name, notes: text, labels: tags, pinned }: Backup) => ({
  name,
  notes: text,
  labels: tags,
  pinned,
});

const notNow = ({ id, status }: Backup, reason: string): StrongroomError =>
  new StrongroomError('STATE_CONFLICT', { type: 'backup', id, state: status.toLowerCase(), reason });

const changeOf = (
  what: 'updated' | 'retried',
  id: string,
  name: string,
  states: Pick<Change, 'before' | 'after'>,
): Change => ({
  type: `backup.${what}`,
  summary: `Backup ${name} is ${what}.`,
  subject: { type: 'Backup', id },
  ...states,
});
