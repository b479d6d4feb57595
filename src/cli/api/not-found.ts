/** Names that lead to nothing: what to look at, and what may have been meant. */
import { CommandError } from '../input/usage.ts';

/** Alike names that are told. */
const TOLD = 3;

/** The word for the youngest backup that can be restored. */
export const LATEST = 'latest';

/** How many letters have to be put in, taken out, changed or swapped with their neighbour to make one of the other. */
function distance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] ?? 0;
}

/** The names that are nearly `wanted`, the nearest first; case does not count. */
function alike(wanted: string, names: readonly string[]): readonly string[] {
  const most = (name: string): number => Math.floor(Math.max(wanted.length, name.length) / 3);
  return [...new Set(names)]
    .filter((name) => name !== wanted && Math.abs(name.length - wanted.length) <= most(name))
    .map((name) => ({ name, steps: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, steps }) => steps <= most(name))
    .toSorted((one, other) => one.steps - other.steps)
    .slice(0, TOLD)
    .map(({ name }) => name);
}

/** The error for a name or id that leads to nothing, `known` being names that would have. */
export function notFound(type: string, reference: string, known: readonly string[]): CommandError<'OBJECT_NOT_FOUND'> {
  const near = alike(reference, known);
  const meant = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `;
  return new CommandError(
    'OBJECT_NOT_FOUND',
    { type, id: reference },
    `${meant}See what there is with: strongroom ${type} list`,
  );
}
