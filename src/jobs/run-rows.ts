/** The three tables of runs seen as one: what a backup, a restore and a verification have in common. */
import type { CatalogueTransaction } from '../catalogue/client.ts';
import type { Prisma, RunStatus } from '../catalogue/generated/prisma/client.ts';
import type { RunKind } from './definitions.ts';

export type { RunStatus } from '../catalogue/generated/prisma/client.ts';

/** A run that has not ended. */
export const openStatuses: RunStatus[] = ['QUEUED', 'RUNNING'];

export const hasEnded = (status: RunStatus): boolean => !openStatuses.includes(status);

export interface RunRow {
  readonly id: string;
  /** The run in words: `Backup nightly`. */
  readonly title: string;
  readonly status: RunStatus;
  readonly attempts: number;
  readonly jobId: string | null;
  readonly cancelRequestedAt: Date | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly progress: Prisma.JsonValue;
  readonly errorCode: string | null;
  readonly errorDetails: Prisma.JsonValue;
  readonly warningCount: number;
  readonly initiatedBy: string;
}

/** The columns that all three tables have. */
export type RunChange = Pick<
  Prisma.VerificationUpdateManyMutationInput,
  'status' | 'attempts' | 'cancelRequestedAt' | 'startedAt' | 'completedAt' | 'progress' | 'errorCode' | 'errorDetails'
> & { readonly jobId?: string | null };

/** What a row must be like for a change to happen: the fence against whoever else works on the run. */
export interface RunExpectation {
  readonly status?: { readonly in: RunStatus[] };
  readonly attempts?: number;
  readonly jobId?: string | null;
  readonly cancelRequestedAt?: null;
}

export interface RunRows {
  find(db: CatalogueTransaction, id: string): Promise<RunRow | null>;
  /** Changes the row if it is as expected, and tells whether it was. */
  change(db: CatalogueTransaction, id: string, expected: RunExpectation, change: RunChange): Promise<boolean>;
  /** Ids of the runs that have not ended, oldest first. */
  open(
    db: CatalogueTransaction,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly jobId: string | null }[]>;
}

const columns = {
  id: true,
  status: true,
  attempts: true,
  jobId: true,
  cancelRequestedAt: true,
  startedAt: true,
  completedAt: true,
  progress: true,
  errorCode: true,
  errorDetails: true,
  initiatedBy: true,
} as const;

const ofBackup = { backup: { select: { name: true } } } as const;

const stillOpen = (take: number) => ({
  where: { status: { in: openStatuses } },
  orderBy: { createdAt: 'asc' as const },
  take,
  select: { id: true, jobId: true } as const,
});

export const backupRows: RunRows = {
  async find(db, id) {
    const found = await db.backup.findUnique({ where: { id }, select: { ...columns, warningCount: true, name: true } });
    return found === null ? null : { ...found, title: `Backup ${found.name}` };
  },
  change: async (db, id, expected, data) =>
    (await db.backup.updateMany({ where: { id, ...expected }, data })).count > 0,
  open: (db, limit) => db.backup.findMany(stillOpen(limit)),
};

export const restoreRows: RunRows = {
  async find(db, id) {
    const select = { ...columns, warningCount: true, ...ofBackup };
    const found = await db.restore.findUnique({ where: { id }, select });
    return found === null ? null : { ...found, title: `Restore of ${found.backup.name}` };
  },
  change: async (db, id, expected, data) =>
    (await db.restore.updateMany({ where: { id, ...expected }, data })).count > 0,
  open: (db, limit) => db.restore.findMany(stillOpen(limit)),
};

export const verificationRows: RunRows = {
  async find(db, id) {
    const found = await db.verification.findUnique({ where: { id }, select: { ...columns, ...ofBackup } });
    return found === null ? null : { ...found, warningCount: 0, title: `Verification of ${found.backup.name}` };
  },
  change: async (db, id, expected, data) =>
    (await db.verification.updateMany({ where: { id, ...expected }, data })).count > 0,
  open: (db, limit) => db.verification.findMany(stillOpen(limit)),
};

export const rowsOf: Readonly<Record<RunKind, RunRows>> = {
  backup: backupRows,
  restore: restoreRows,
  verification: verificationRows,
};
