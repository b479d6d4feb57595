/** Filters and orders that runs (backups, restores) have in common. */
import { builder } from './builder.ts';

export const DateRangeInput = builder.inputType('DateRangeInput', {
  description: 'A span of time; open where a side is absent.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'Not before this moment.' }),
    to: t.field({ type: 'DateTime', description: 'Before this moment.' }),
  }),
});

/** The span as Prisma wants it; undefined when open on both sides. */
export function rangeWhere(
  range: typeof DateRangeInput.$inferInput | null | undefined,
): { gte?: Date; lt?: Date } | undefined {
  if (!range?.from && !range?.to) return undefined;
  return { ...(range.from && { gte: range.from }), ...(range.to && { lt: range.to }) };
}

/** Seconds between start and end of a run; null until it has ended. */
export const durationSeconds = (run: { startedAt: Date | null; completedAt: Date | null }): number | null =>
  run.startedAt === null || run.completedAt === null
    ? null
    : (run.completedAt.getTime() - run.startedAt.getTime()) / 1000;
