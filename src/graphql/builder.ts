/** The Pothos builder that every type of the schema is made with. */
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type PrismaTypes from '../catalogue/generated/pothos-types.ts';
import { getDatamodel } from '../catalogue/generated/pothos-types.ts';
import { StrongroomError } from '../errors.ts';
import type { GraphQLContext } from './context.ts';
import { AccessDenied, Conflict, InvalidInput, NotFound, OperationFailed } from './failures.ts';
import { globalId, parseGlobalId } from './ids.ts';
import { nodesMaximum, pageSizes, queryLimits } from './limits.ts';

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const builder = new SchemaBuilder<{
  Context: GraphQLContext;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  AuthScopes: { token: boolean };
  Scalars: {
    ID: { Input: string; Output: string | number };
    DateTime: { Input: Date; Output: Date };
    BigInt: { Input: bigint; Output: bigint | number };
    JSON: { Input: unknown; Output: unknown };
  };
}>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  errors: {
    defaultTypes: [InvalidInput, NotFound, Conflict, AccessDenied, OperationFailed],
    directResult: true,
    defaultUnionOptions: {
      description: 'What the field of that name answers: its result, or the failure it met.',
      name: ({ fieldName }) => `${upperFirst(fieldName)}Result`,
    },
  },
  scopeAuth: {
    authScopes: (context) => ({ token: context.viewer !== undefined }),
    authorizeOnSubscribe: true,
    unauthorizedError: () => new StrongroomError('UNAUTHENTICATED', {}),
  },
  relay: {
    encodeGlobalID: (type, id) => globalId(type, String(id)),
    decodeGlobalID: (id) => {
      const parts = parseGlobalId(id, 'id');
      return { typename: parts.type, id: parts.id };
    },
    nodeTypeOptions: {
      description: 'Anything that has an id of its own and can be fetched again by it with `node`.',
    },
    idFieldOptions: { description: 'Global id: opaque, stable for the life of the object, good for `node`.' },
    nodeQueryOptions: {
      description: 'Fetches any object by its global id; null when there is none (any more).',
      args: { id: { description: 'Global id as any `id` field gave it.' } },
    },
    nodesQueryOptions: {
      description: `Fetches up to ${nodesMaximum} objects by their global ids, in the order of the ids, null where there is none.`,
      args: { ids: { description: `Global ids; at most ${nodesMaximum}.` } },
      complexity: ({ ids }) => ({ field: 1, multiplier: Math.min(ids.length, nodesMaximum) }),
      resolve: (_root, { ids }, _context, _info, resolveNodes) => {
        if (ids.length > nodesMaximum) {
          throw new StrongroomError('INPUT_INVALID', { field: 'ids', reason: `at most ${nodesMaximum} at once.` });
        }
        return resolveNodes(ids);
      },
    },
    pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
    hasNextPageFieldOptions: { description: 'Whether more follows; ask for it with `after: endCursor`.' },
    hasPreviousPageFieldOptions: {
      description: 'Whether something comes before; ask for it with `before: startCursor`.',
    },
    startCursorFieldOptions: { description: 'Cursor of the first object of the page; null when the page is empty.' },
    endCursorFieldOptions: { description: 'Cursor of the last object of the page; null when the page is empty.' },
    pageInfoFieldOptions: { description: 'Where the page lies in its list.' },
    edgesFieldOptions: { description: 'The objects of the page, each with its cursor.' },
    nodeFieldOptions: { description: 'The object.' },
    cursorFieldOptions: { description: 'Opaque mark of this place in the list, for `after` and `before`.' },
    firstArgOptions: {
      description: `How many objects from the start, or after \`after\`; ${pageSizes.default} when nothing is given, at most ${pageSizes.maximum}.`,
    },
    lastArgOptions: {
      description: `How many objects from the end, or before \`before\`; at most ${pageSizes.maximum}.`,
    },
    afterArgOptions: { description: 'Only what follows this cursor. Goes with `first`.' },
    beforeArgOptions: { description: 'Only what comes before this cursor. Goes with `last`.' },
    nodesOnConnection: { description: 'The objects of the page, without cursors.' },
    defaultConnectionTypeOptions: { description: 'A page of a list.' },
    defaultEdgeTypeOptions: { description: 'One object of a page.' },
  },
  prisma: {
    client: (context) => context.prisma,
    dmmf: getDatamodel(),
    filterConnectionTotalCount: true,
    maxConnectionSize: pageSizes.maximum,
    defaultConnectionSize: pageSizes.default,
  },
  complexity: {
    limit: { depth: queryLimits.depth, breadth: queryLimits.breadth, complexity: queryLimits.complexity },
    // What a list costs is said where it is known; the lists inside of pages add nothing to their page.
    defaultListMultiplier: 1,
    complexityError: (kind, result) =>
      new StrongroomError('QUERY_TOO_COSTLY', {
        measure: kind.toLowerCase(),
        found: kind === 'Depth' ? result.depth : kind === 'Breadth' ? result.breadth : result.complexity,
        limit: kind === 'Depth' ? queryLimits.depth : kind === 'Breadth' ? queryLimits.breadth : queryLimits.complexity,
      }),
  },
});

builder.queryType({
  description: 'What can be asked. Every field needs a valid access token.',
  authScopes: { token: true },
});
builder.mutationType({
  description:
    'What can be done. Every mutation takes one `input` and answers a union: what it made or changed, or the typed ' +
    'failure. Ask for `__typename` and `... on Error { code message help }`.',
  authScopes: { token: true },
});
builder.subscriptionType({
  description: 'What can be watched, over WebSocket (graphql-transport-ws) or Server-Sent Events.',
  authScopes: { token: true },
});
