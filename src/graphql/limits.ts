/** Every limit on what one request may ask of the API, in one place. */

/** Limits on documents, the same on every transport. */
export const queryLimits = {
  /** Lexical tokens of a document; the introspection query of GraphiQL has about 600. */
  tokens: 3_000,
  /** Fields nested in each other. */
  depth: 14,
  /** Fields selected in all, fragments counted where they are used. */
  breadth: 400,
  /** Cost: each field counts 1, what lies in a list counts for each element that the list may have. */
  complexity: 25_000,
  /** Aliases in a document. */
  aliases: 30,
  /** Directives in a document. */
  directives: 30,
  /** Fields at the root of an operation: each is work of its own. */
  rootFields: 20,
} as const;

/** Objects in a page when the request does not say, and at most. */
export const pageSizes = { default: 50, maximum: 200 } as const;

/** Entries in a page of a backup's tree, at most. */
export const treePageMaximum = 1_000;

/** Ids in one `nodes`. */
export const nodesMaximum = 200;
