/** Damage: stored data that is not what was stored. */
import { StrongroomError } from '../errors.ts';

/** The error for a damaged object: its key, where in it, and what is wrong. */
export const damaged = (object: string, offset: number, reason: string, cause?: unknown): StrongroomError =>
  new StrongroomError('REPOSITORY_DAMAGED', { object, offset, reason }, { cause });

/** True for errors that mean that stored data is missing or wrong, so that everything else can still be read. */
export const isDamage = (error: unknown): error is StrongroomError =>
  error instanceof StrongroomError && error.category === 'damage';
