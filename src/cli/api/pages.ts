/** Lists that come in pages. */
import type { ApiClient } from './client.ts';
import type { GraphQLOperation, Page } from './operation.ts';

/** Objects asked for at once: as many as every list may have within what the API lets one request cost. */
const PAGE = 50;

export interface PageVariables {
  readonly first: number;
  readonly after: string | null;
}

export interface Listed<Node> {
  readonly nodes: readonly Node[];
  readonly totalCount: number;
}

/** The first `limit` objects of a list, over as many pages as it takes. The operation names its field `page`. */
export async function collectPages<Node, Variables extends object>(
  api: ApiClient,
  operation: GraphQLOperation<{ readonly page: Page<Node> }, Variables & PageVariables>,
  variables: Variables,
  limit: number,
): Promise<Listed<Node>> {
  const nodes: Node[] = [];
  let after: string | null = null;
  for (;;) {
    const window: PageVariables = { first: Math.min(PAGE, limit - nodes.length), after };
    const { page }: { readonly page: Page<Node> } = await api.run(operation, { ...variables, ...window });
    nodes.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage || after === null || nodes.length >= limit) {
      return { nodes, totalCount: page.totalCount };
    }
  }
}
