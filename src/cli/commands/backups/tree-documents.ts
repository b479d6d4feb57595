/** GraphQL operations on what is in a backup. */
import { operation } from '../../api/operation.ts';
import type { Quantity } from '../../output/format.ts';

export interface TreeEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: string;
  readonly size: Quantity;
  readonly mode: number | null;
  readonly modifiedAt: string | null;
  readonly linkTarget: string | null;
}

export interface TreePage {
  readonly nodes: readonly TreeEntry[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const entryFields = 'name path kind size mode modifiedAt linkTarget';

export const listTree = operation<
  { readonly backup: { readonly tree: TreePage | null } | null },
  { readonly id: string; readonly path: string; readonly first: number; readonly after: string | null }
>(`
  query ListTree($id: ID!, $path: String!, $first: Int!, $after: String) {
    backup(id: $id) {
      tree(path: $path, first: $first, after: $after) { nodes { ${entryFields} } pageInfo { hasNextPage endCursor } }
    }
  }`);

export const showEntry = operation<
  { readonly backup: { readonly entry: TreeEntry | null } | null },
  { readonly id: string; readonly path: string }
>(`
  query ShowEntry($id: ID!, $path: String!) { backup(id: $id) { entry(path: $path) { ${entryFields} } } }`);

export const downloadLink = operation<
  { readonly backup: { readonly link: { readonly url: string } | null } | null },
  { readonly id: string; readonly path: string }
>(`
  query DownloadLink($id: ID!, $path: String!) { backup(id: $id) { link: downloadUrl(path: $path) { url } } }`);
