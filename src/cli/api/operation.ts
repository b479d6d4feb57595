/** GraphQL operations as typed constants. A test checks every one of them against `schema.graphql`. */

/** The text of one operation, with the types of what it answers and takes. */
export interface GraphQLOperation<Data, Variables> {
  readonly text: string;
  /** Never set: carries the types. */
  readonly types?: { readonly data: Data; readonly variables: Variables };
}

/** Makes an operation from its text. A mutation's text selects `...Failure` (see `withFailure`) on its result. */
export const operation = <Data, Variables = Record<string, never>>(
  text: string,
): GraphQLOperation<Data, Variables> => ({
  text,
});

/** As `operation`, for results that can be an error of the schema: adds the fragment `Failure`. */
export const fallible = <Data, Variables = Record<string, never>>(text: string): GraphQLOperation<Data, Variables> => ({
  text: `${text}\nfragment Failure on Error { code message help }`,
});

/** A connection's page as lists ask for it. */
export interface Page<Node> {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
