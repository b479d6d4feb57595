/** How errors that are not typed results leave the API: named ones in their own words, defects masked. */
import { PothosValidationError } from '@pothos/core';
import { GraphQLError } from 'graphql';
import { StrongroomError } from '../errors.ts';
import { fieldOf } from './failures.ts';

/** Where defects are told, with the reference that the client got. */
export type DefectLog = (reference: string, defect: unknown) => void;

export interface ErrorPresentation {
  /** Makes the reference under which a defect can be found in the log. */
  reference(): string;
  readonly log: DefectLog;
}

/** The catalogued error as a GraphQL error with `extensions` {code, help, field?}. */
export function catalogued(error: StrongroomError, at?: GraphQLError): GraphQLError {
  const field = fieldOf(error);
  return new GraphQLError(error.message, {
    ...place(at),
    extensions: {
      code: error.code,
      help: error.help,
      ...(field !== undefined && { field }),
    },
  });
}

/**
 * What a client gets for an error: GraphQL's own errors and catalogued ones as they are, all else as `INTERNAL` with a
 * reference, the rest of it only in the log.
 */
export function presentError(error: unknown, { reference, log }: ErrorPresentation): GraphQLError {
  const at = error instanceof GraphQLError ? error : undefined;
  const cause = rootOf(error);
  if (cause instanceof StrongroomError && cause.category !== 'internal') return catalogued(cause, at);
  if (cause instanceof PothosValidationError) {
    return catalogued(
      new StrongroomError('INPUT_INVALID', { field: fieldIn(cause.message), reason: cause.message }),
      at,
    );
  }
  if (cause instanceof GraphQLError) return at ?? cause;
  const id = reference();
  log(id, cause);
  return new GraphQLError('Something went wrong inside Strongroom.', {
    ...place(at),
    extensions: { code: 'INTERNAL', help: `Report it with this reference: ${id}.`, reference: id },
  });
}

/** The first error that was thrown, below GraphQL's wrapping. */
function rootOf(error: unknown): unknown {
  let at = error;
  while (at instanceof GraphQLError && at.originalError !== undefined && at.originalError !== null)
    at = at.originalError;
  return at;
}

/** Pothos names the argument in its message only. */
function fieldIn(message: string): string {
  if (/cursor/i.test(message)) return 'after';
  return /"(\w+)"/.exec(message)?.[1] ?? 'arguments';
}

const place = (at: GraphQLError | undefined) => ({
  ...(at?.nodes && { nodes: at.nodes }),
  ...(at?.path && { path: at.path }),
});
