/** A Strongroom without a service: the real schema, answered by what a test puts into its root fields. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buildSchema, execute, parse, subscribe, validate } from 'graphql';
import type { ExecutionResult } from 'graphql';
import type { GraphQLAnswer, GraphQLRequest, GraphQLTransport } from '../../../src/cli/transport.ts';

/** The schema as published. */
export const publishedSchema = buildSchema(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'));

/** Root fields by name: values, or functions of the arguments. Objects of unions carry `__typename`. */
export type Roots = Readonly<Record<string, unknown>>;

export interface SchemaTransport extends GraphQLTransport {
  /** Every request in the order it came. */
  readonly requests: readonly GraphQLRequest[];
  readonly disposed: () => boolean;
}

export interface SchemaTransportOptions {
  readonly download?: (url: string) => AsyncIterable<Uint8Array>;
}

// Plain JSON, as it would come over HTTP.
const answerOf = (result: ExecutionResult): GraphQLAnswer => JSON.parse(JSON.stringify(result));

export function createSchemaTransport(roots: Roots, options: SchemaTransportOptions = {}): SchemaTransport {
  const requests: GraphQLRequest[] = [];
  let disposed = false;
  function prepare(request: GraphQLRequest) {
    requests.push(request);
    const document = parse(request.query);
    const [error] = validate(publishedSchema, document);
    if (error !== undefined) throw error;
    return { schema: publishedSchema, document, rootValue: roots, variableValues: request.variables };
  }
  return {
    requests,
    disposed: () => disposed,
    async execute(request) {
      const result = await execute(prepare(request));
      return answerOf(result);
    },
    async *subscribe(request) {
      const results = await subscribe(prepare(request));
      if (Symbol.asyncIterator in results) for await (const result of results) yield answerOf(result);
      else yield answerOf(results);
    },
    download: options.download ?? (() => Readable.from([])),
    [Symbol.asyncDispose]: async () => {
      disposed = true;
      return Promise.resolve();
    },
  };
}
