/** GraphQL operations on restores. */
import { fallible, operation } from '../../api/operation.ts';
import type { Page } from '../../api/operation.ts';
import type { Named } from '../../api/named.ts';
import type { PageVariables } from '../../api/pages.ts';
import type { Quantity } from '../../output/format.ts';
import type { RunError, RunProgress } from '../../progress.ts';
import { progressFields } from '../runs.ts';
import type { RunWarning } from '../runs.ts';

export const conflictPolicies = ['FAIL', 'OVERWRITE', 'SKIP'] as const;

export interface RestoreTarget {
  readonly kind: string;
  readonly path: string | null;
  readonly database: string | null;
  readonly schema: string | null;
}

export interface RestoreRow {
  readonly id: string;
  readonly backup: Named;
  readonly type: string;
  readonly target: RestoreTarget;
  readonly status: string;
  readonly tablesRestored: number | null;
  readonly filesRestored: Quantity;
  readonly bytesRestored: Quantity;
  readonly createdAt: string;
}

export interface RestoreDetails extends RestoreRow {
  readonly conflictPolicy: string;
  readonly sources: readonly string[];
  readonly paths: readonly string[];
  readonly includeTables: readonly string[];
  readonly previousUntil: string | null;
  readonly revertedAt: string | null;
  readonly tables: readonly { readonly name: string; readonly rows: Quantity; readonly bytes: Quantity }[];
  readonly initiatedBy: string;
  readonly notes: string;
  readonly error: RunError | null;
  readonly warnings: readonly RunWarning[];
  readonly warningCount: number;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
}

export interface RestorePreview {
  readonly items: readonly {
    readonly source: string;
    readonly action: string;
    readonly subject: string;
    readonly bytes: Quantity;
    readonly reason: string | null;
  }[];
  readonly added: Quantity;
  readonly changed: Quantity;
  readonly kept: Quantity;
  readonly dropped: Quantity;
  readonly conflicts: Quantity;
  readonly bytes: Quantity;
}

const rowFields = `
  id backup { id name } type target { kind path database schema } status tablesRestored filesRestored bytesRestored createdAt
`;

export const listRestores = operation<
  { readonly page: Page<RestoreRow> },
  PageVariables & { readonly filter: object }
>(`
  query ListRestores($filter: RestoreFilter, $first: Int, $after: String) {
    page: restores(filter: $filter, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { ${rowFields} } }
    }
  }`);

export const showRestore = operation<{ readonly found: RestoreDetails | null }, { readonly id: string }>(`
  query ShowRestore($id: ID!) {
    found: restore(id: $id) {
      ${rowFields} conflictPolicy sources paths includeTables previousUntil revertedAt tables { name rows bytes } initiatedBy notes
      error { code message help } warnings(first: 100) { code subject message } warningCount startedAt completedAt
    }
  }`);

export const restoreBackup = fallible<{ readonly restore: { readonly id: string } }, { readonly input: object }>(`
  mutation RestoreBackup($input: RestoreInput!) {
    restore: restoreBackup(input: $input) { ...Failure ... on Restore { id } }
  }`);

export const previewRestore = fallible<
  { readonly preview: RestorePreview },
  { readonly input: object; readonly exactRows: boolean }
>(`
  query PreviewRestore($input: RestoreInput!, $exactRows: Boolean) {
    preview: previewRestore(input: $input, exactRows: $exactRows) {
      ...Failure
      ... on RestorePreview { items { source action subject bytes reason } added changed kept dropped conflicts bytes }
    }
  }`);

export const cancelRestore = fallible<object, { readonly id: string }>(`
  mutation CancelRestore($id: ID!) { cancelRestore(input: { id: $id }) { ...Failure } }`);

export const revertRestore = fallible<object, { readonly id: string }>(`
  mutation RevertRestore($id: ID!) { revertRestore(input: { id: $id }) { ...Failure } }`);

export const discardPrevious = fallible<object, { readonly id: string }>(`
  mutation DiscardPrevious($id: ID!) { discardPrevious(input: { id: $id }) { ...Failure } }`);

export const restoreProgress = operation<{ readonly progress: RunProgress }, { readonly id: string }>(`
  subscription RestoreProgress($id: ID!) { progress: restoreProgress(id: $id) { ${progressFields} } }`);
