/** GraphQL operations on backups. */
import { fallible, operation } from '../../api/operation.ts';
import type { Page } from '../../api/operation.ts';
import type { Named } from '../../api/named.ts';
import type { PageVariables } from '../../api/pages.ts';
import type { Label } from '../../input/values.ts';
import type { Quantity } from '../../output/format.ts';
import type { RunError, RunProgress } from '../../progress.ts';
import { progressFields } from '../runs.ts';
import type { RunWarning } from '../runs.ts';

export const backupTypes = ['FULL', 'DATABASE', 'FILES', 'INCREMENTAL', 'CONFIGURATION'] as const;
export const runStatuses = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'] as const;

export interface BackupRow extends Named {
  readonly type: string;
  readonly status: string;
  readonly workload: Named;
  readonly repository: Named;
  readonly logicalBytes: Quantity;
  readonly addedBytes: Quantity;
  readonly files: Quantity;
  readonly pinned: boolean;
  readonly verified: boolean;
  readonly createdAt: string;
}

const rowFields = `
  id name type status workload { id name } repository { id name }
  logicalBytes addedBytes files pinned verified createdAt
`;

export interface BackupDetails extends BackupRow {
  readonly snapshotId: string | null;
  readonly sources: readonly {
    readonly name: string;
    readonly content: string;
    readonly plugin: string;
    readonly files: Quantity;
    readonly directories: Quantity;
    readonly bytes: Quantity;
    readonly tables: readonly { readonly name: string; readonly rows: Quantity; readonly bytes: Quantity }[];
  }[];
  readonly readBytes: Quantity;
  readonly storedBytes: Quantity;
  readonly unchangedFiles: Quantity;
  readonly checksum: string | null;
  readonly compression: string;
  readonly encryption: string;
  readonly verifiedAt: string | null;
  readonly retentionDays: number | null;
  readonly expiresAt: string | null;
  readonly initiatedBy: string;
  readonly notes: string;
  readonly labels: readonly Label[];
  readonly error: RunError | null;
  readonly warnings: readonly RunWarning[];
  readonly warningCount: number;
  readonly parent: Named | null;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly durationSeconds: number | null;
}

export interface BackupFilter {
  readonly workloadId?: string;
  readonly repositoryId?: string;
  readonly status?: readonly string[];
  readonly type?: readonly string[];
  readonly text?: string;
}

export const listBackups = operation<
  { readonly page: Page<BackupRow> },
  PageVariables & { readonly filter: BackupFilter }
>(`
  query ListBackups($filter: BackupFilter, $first: Int, $after: String) {
    page: backups(filter: $filter, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { ${rowFields} } }
    }
  }`);

export const showBackup = operation<{ readonly found: BackupDetails | null }, { readonly id: string }>(`
  query ShowBackup($id: ID!) {
    found: backup(id: $id) {
      ${rowFields} snapshotId sources { name content plugin files directories bytes tables { name rows bytes } }
      readBytes storedBytes unchangedFiles checksum compression encryption verifiedAt retentionDays expiresAt
      initiatedBy notes labels { key value } error { code message help }
      warnings(first: 100) { code subject message } warningCount parent { id name }
      attempts startedAt completedAt durationSeconds
    }
  }`);

export const createBackup = fallible<{ readonly backup: Named }, { readonly input: object }>(`
  mutation CreateBackup($input: CreateBackupInput!) {
    backup: createBackup(input: $input) { ...Failure ... on Backup { id name } }
  }`);

export const updateBackup = fallible<{ readonly backup: Named }, { readonly input: object }>(`
  mutation UpdateBackup($input: UpdateBackupInput!) {
    backup: updateBackup(input: $input) { ...Failure ... on Backup { id name } }
  }`);

export const cancelBackup = fallible<object, { readonly id: string }>(`
  mutation CancelBackup($id: ID!) { cancelBackup(input: { id: $id }) { ...Failure } }`);

export const retryBackup = fallible<object, { readonly id: string }>(`
  mutation RetryBackup($id: ID!) { retryBackup(input: { id: $id }) { ...Failure } }`);

export const deleteBackup = fallible<object, { readonly id: string }>(`
  mutation DeleteBackup($id: ID!) { deleteBackup(input: { id: $id }) { ...Failure } }`);

export const backupProgress = operation<{ readonly progress: RunProgress }, { readonly id: string }>(`
  subscription BackupProgress($id: ID!) { progress: backupProgress(id: $id) { ${progressFields} addedBytes } }`);
