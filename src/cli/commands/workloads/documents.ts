/** GraphQL operations on workloads. */
import { fallible, operation } from '../../api/operation.ts';
import type { Page } from '../../api/operation.ts';
import type { Named, NamedType } from '../../api/named.ts';
import type { PageVariables } from '../../api/pages.ts';
import type { Label } from '../../input/values.ts';

export interface WorkloadRow extends Named {
  readonly description: string;
  readonly labels: readonly Label[];
  readonly sources: readonly { readonly name: string }[];
}

export interface Workload extends WorkloadRow {
  readonly sources: readonly (Named & { readonly content: string; readonly plugin: string })[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

const fields = 'id name description labels { key value } sources { id name content plugin } createdAt updatedAt';

export const workloadByName = operation<{ readonly found: Named | null }, { readonly name: string }>(`
  query WorkloadByName($name: String!) { found: workload(name: $name) { id name } }`);

export const workloadById = operation<{ readonly found: Named | null }, { readonly id: string }>(`
  query WorkloadById($id: ID!) { found: workload(id: $id) { id name } }`);

export const someWorkloads = operation<{ readonly page: Page<Named> }, { readonly first: number }>(`
  query SomeWorkloads($first: Int) {
    page: workloads(first: $first) { totalCount pageInfo { hasNextPage endCursor } edges { node { id name } } }
  }`);

export const workloadNames: NamedType = {
  what: 'workload',
  byName: workloadByName,
  byId: workloadById,
  some: someWorkloads,
};

export const listWorkloads = operation<{ readonly page: Page<WorkloadRow> }, PageVariables>(`
  query ListWorkloads($first: Int, $after: String) {
    page: workloads(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { id name description labels { key value } sources { name } } }
    }
  }`);

export const showWorkload = operation<{ readonly found: Workload | null }, { readonly id: string }>(`
  query ShowWorkload($id: ID!) { found: workload(id: $id) { ${fields} } }`);

export const createWorkload = fallible<{ readonly workload: Workload }, { readonly input: object }>(`
  mutation CreateWorkload($input: CreateWorkloadInput!) {
    workload: createWorkload(input: $input) { ...Failure ... on Workload { ${fields} } }
  }`);

export const updateWorkload = fallible<{ readonly workload: Workload }, { readonly input: object }>(`
  mutation UpdateWorkload($input: UpdateWorkloadInput!) {
    workload: updateWorkload(input: $input) { ...Failure ... on Workload { ${fields} } }
  }`);

export const deleteWorkload = fallible<object, { readonly id: string }>(`
  mutation DeleteWorkload($id: ID!) { deleteWorkload(input: { id: $id }) { ...Failure } }`);
