/** Runs operations outside of HTTP: over WebSocket and in process. */
import { type DocumentNode, execute, type ExecutionResult, GraphQLError, type GraphQLSchema, subscribe } from 'graphql';
import type { GraphQLContext } from './context.ts';
import { type ErrorPresentation, presentError } from './present-error.ts';
import { isSubscription, parseDocument, validateDocument } from './query-rules.ts';

/** An operation as clients send it. */
export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

/** An operation that was read and found valid. */
export interface PreparedOperation {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
  readonly isSubscription: boolean;
}

/** Reads an operation; answers the errors when it is not valid. Never throws. */
export function prepare(schema: GraphQLSchema, operation: Operation): PreparedOperation | readonly GraphQLError[] {
  const document = parsed(operation.query);
  if (document instanceof GraphQLError) return [document];
  const errors = validateDocument(schema, document);
  if (errors.length > 0) return errors;
  return {
    document,
    variables: operation.variables ?? {},
    operationName: operation.operationName ?? undefined,
    isSubscription: isSubscription(document, operation.operationName),
  };
}

/** Whether `prepare` found errors. */
export const isInvalid = (prepared: ReturnType<typeof prepare>): prepared is readonly GraphQLError[] =>
  Array.isArray(prepared);

function parsed(query: string): DocumentNode | GraphQLError {
  try {
    return parseDocument(query);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

/**
 * Runs a prepared operation. A subscription answers a stream of results, or one result when it could not start; its
 * stream never throws: what goes wrong in it is its last result.
 */
export async function run(
  schema: GraphQLSchema,
  { document, variables, operationName, isSubscription: streams }: PreparedOperation,
  contextValue: GraphQLContext,
  presentation: ErrorPresentation,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const args = {
    schema,
    document,
    contextValue,
    variableValues: variables,
    ...(operationName !== undefined && { operationName }),
  };
  const result = streams ? await subscribe(args) : await execute(args);
  if (Symbol.asyncIterator in result) return presentStream(result, presentation);
  return presentResult(result, presentation);
}

function presentResult(result: ExecutionResult, presentation: ErrorPresentation): ExecutionResult {
  if (result.errors === undefined) return result;
  return { ...result, errors: result.errors.map((error) => presentError(error, presentation)) };
}

function presentStream(
  results: AsyncIterable<ExecutionResult>,
  presentation: ErrorPresentation,
): AsyncIterableIterator<ExecutionResult> {
  const source = results[Symbol.asyncIterator]();
  let ended = false;
  const iterator: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      if (ended) return { done: true, value: undefined };
      try {
        const { done, value } = await source.next();
        return done === true
          ? { done: true, value: undefined }
          : { done: false, value: presentResult(value, presentation) };
      } catch (error) {
        ended = true;
        return { done: false, value: { errors: [presentError(error, presentation)] } };
      }
    },
    async return() {
      ended = true;
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
