/** GraphQL operations on repositories. */
import { fallible, operation } from '../../api/operation.ts';
import type { Page } from '../../api/operation.ts';
import type { Named, NamedType } from '../../api/named.ts';
import type { PageVariables } from '../../api/pages.ts';
import type { Quantity } from '../../output/format.ts';

export interface ConfiguredPlugin {
  readonly plugin: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly secretsSet: readonly string[];
}

export interface KeySlot {
  readonly slot: string;
  readonly kind: string;
  readonly createdAt: string;
}

export interface RepositoryRow extends Named {
  readonly storage: ConfiguredPlugin;
  readonly compressor: { readonly plugin: string };
  readonly encryptor: { readonly plugin: string };
  readonly createdAt: string;
}

export interface Repository extends RepositoryRow {
  readonly compressionLevel: number | null;
  /** Bytes a second; null when there is no limit. */
  readonly uploadBytesPerSecond: Quantity;
  readonly downloadBytesPerSecond: Quantity;
  readonly repositoryId: string;
  readonly formatVersion: number;
  readonly keySlots: readonly KeySlot[];
}

export interface RepositoryUsage {
  readonly snapshots: Quantity;
  readonly storedBytes: Quantity;
  readonly freeBytes: Quantity;
}

const rowFields = `
  id name storage { plugin configuration secretsSet } compressor { plugin } encryptor { plugin } createdAt
`;
const fields = `
  ${rowFields} compressionLevel uploadBytesPerSecond downloadBytesPerSecond repositoryId formatVersion
  keySlots { slot kind createdAt }
`;

export const repositoryByName = operation<{ readonly found: Named | null }, { readonly name: string }>(`
  query RepositoryByName($name: String!) { found: repository(name: $name) { id name } }`);

export const repositoryById = operation<{ readonly found: Named | null }, { readonly id: string }>(`
  query RepositoryById($id: ID!) { found: repository(id: $id) { id name } }`);

export const someRepositories = operation<{ readonly page: Page<Named> }, { readonly first: number }>(`
  query SomeRepositories($first: Int) {
    page: repositories(first: $first) { totalCount pageInfo { hasNextPage endCursor } edges { node { id name } } }
  }`);

export const repositoryNames: NamedType = {
  what: 'repository',
  byName: repositoryByName,
  byId: repositoryById,
  some: someRepositories,
};

export const listRepositories = operation<{ readonly page: Page<RepositoryRow> }, PageVariables>(`
  query ListRepositories($first: Int, $after: String) {
    page: repositories(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { ${rowFields} } }
    }
  }`);

export const showRepository = operation<
  { readonly found: (Repository & { readonly usage: RepositoryUsage | null }) | null },
  { readonly id: string }
>(`
  query ShowRepository($id: ID!) {
    found: repository(id: $id) { ${fields} usage { snapshots storedBytes freeBytes } }
  }`);

export const createRepository = fallible<{ readonly repository: Repository }, { readonly input: object }>(`
  mutation CreateRepository($input: CreateRepositoryInput!) {
    repository: createRepository(input: $input) { ...Failure ... on Repository { ${fields} } }
  }`);

export const attachRepository = fallible<{ readonly repository: Repository }, { readonly input: object }>(`
  mutation AttachRepository($input: AttachRepositoryInput!) {
    repository: attachRepository(input: $input) { ...Failure ... on Repository { ${fields} } }
  }`);

export const updateRepository = fallible<{ readonly repository: Repository }, { readonly input: object }>(`
  mutation UpdateRepository($input: UpdateRepositoryInput!) {
    repository: updateRepository(input: $input) { ...Failure ... on Repository { ${fields} } }
  }`);

export const deleteRepository = fallible<object, { readonly input: object }>(`
  mutation DeleteRepository($input: DeleteRepositoryInput!) { deleteRepository(input: $input) { ...Failure } }`);

export const testRepository = fallible<{ readonly repository: Repository }, { readonly id: string }>(`
  mutation TestRepository($id: ID!) {
    repository: testRepository(input: { id: $id }) { ...Failure ... on Repository { ${fields} } }
  }`);

export const addRepositoryKey = fallible<{ readonly repository: Repository }, { readonly input: object }>(`
  mutation AddRepositoryKey($input: AddRepositoryKeyInput!) {
    repository: addRepositoryKey(input: $input) { ...Failure ... on Repository { ${fields} } }
  }`);

export const removeRepositoryKey = fallible<{ readonly repository: Repository }, { readonly input: object }>(`
  mutation RemoveRepositoryKey($input: RemoveRepositoryKeyInput!) {
    repository: removeRepositoryKey(input: $input) { ...Failure ... on Repository { ${fields} } }
  }`);
