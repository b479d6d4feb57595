/** Why PostgreSQL could not be reached, in the catalogue's words. */
import { StrongroomError } from '../errors.ts';

/** `CATALOGUE_UNAVAILABLE` for whatever `pg` threw while connecting. Its messages name host and user, never a password. */
export const catalogueUnavailable = (thrown: unknown): StrongroomError =>
  thrown instanceof StrongroomError
    ? thrown
    : new StrongroomError('CATALOGUE_UNAVAILABLE', { reason: reasonOf(thrown) }, { cause: thrown });

/** A name with several addresses fails with one error for each and no message of its own. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return [...new Set(thrown.errors.map((error: unknown) => reasonOf(error)))].join('; ');
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}
