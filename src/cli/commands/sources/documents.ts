/** GraphQL operations on sources. */
import { fallible, operation } from '../../api/operation.ts';
import type { Named } from '../../api/named.ts';
import type { Quantity } from '../../output/format.ts';

export interface Source extends Named {
  readonly content: string;
  readonly plugin: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly secretsSet: readonly string[];
}

export interface DiscoveredItem {
  readonly kind: string;
  readonly name: string;
  readonly rows: Quantity;
  readonly bytes: Quantity;
}

const fields = 'id name content plugin configuration secretsSet';

export const listSources = operation<
  { readonly workload: { readonly sources: readonly Source[] } | null },
  { readonly id: string }
>(`
  query ListSources($id: ID!) { workload(id: $id) { sources { ${fields} } } }`);

export const sourceById = operation<{ readonly found: Source | null }, { readonly id: string }>(`
  query SourceById($id: ID!) { found: source(id: $id) { ${fields} } }`);

export const createSource = fallible<{ readonly source: Source }, { readonly input: object }>(`
  mutation CreateSource($input: CreateSourceInput!) {
    source: createSource(input: $input) { ...Failure ... on Source { ${fields} } }
  }`);

export const updateSource = fallible<{ readonly source: Source }, { readonly input: object }>(`
  mutation UpdateSource($input: UpdateSourceInput!) {
    source: updateSource(input: $input) { ...Failure ... on Source { ${fields} } }
  }`);

export const deleteSource = fallible<object, { readonly id: string }>(`
  mutation DeleteSource($id: ID!) { deleteSource(input: { id: $id }) { ...Failure } }`);

export const testSource = fallible<object, { readonly id: string }>(`
  mutation TestSource($id: ID!) { testSource(input: { id: $id }) { ...Failure } }`);

export const discoverSource = fallible<
  { readonly found: { readonly items: readonly DiscoveredItem[] } },
  { readonly id: string }
>(`
  mutation DiscoverSource($id: ID!) {
    found: discoverSource(input: { id: $id }) { ...Failure ... on DiscoveredItems { items { kind name rows bytes } } }
  }`);
