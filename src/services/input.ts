/** What callers may say: limits and shapes, checked in one way, mistakes naming the field. */
import { z } from 'zod';
import { StrongroomError } from '../errors.ts';

const text = (most: number) => z.string().max(most, `must have at most ${most} characters`);
const singleLine = /^[^\p{Cc}]*$/u;

/** A name that people read: one line, no spaces around it. */
export const displayName = text(100)
  .trim()
  .min(1, 'must not be empty')
  .regex(singleLine, 'must be one line without control characters');
export const longName = text(200)
  .trim()
  .min(1, 'must not be empty')
  .regex(singleLine, 'must be one line without control characters');
/** A name that becomes a folder of snapshots. */
export const sourceName = text(60).regex(
  /^[a-z0-9]+(-[a-z0-9]+)*$/,
  'must be lower case letters, digits and single dashes',
);
export const notes = text(10_000);
export const description = text(2_000);
export const labels = z
  .array(z.strictObject({ key: text(60).trim().min(1, 'must not be empty'), value: text(200) }).readonly())
  .max(50, 'must be at most 50')
  .refine((all) => new Set(all.map((label) => label.key)).size === all.length, 'must not name a key twice')
  .readonly();
export const sourceNames = z.array(text(60)).max(500, 'must be at most 500').readonly();
export const tablePatterns = z
  .array(text(500).min(1, 'must not be empty'))
  .max(1_000, 'must be at most 1,000')
  .readonly();
export const snapshotPaths = z
  .array(
    text(8_192)
      .startsWith('/', 'must start with /')
      .refine((path) => !/\/\.\.?(\/|$)/.test(path), 'must not hold "." or ".." as a part'),
  )
  .max(10_000, 'must be at most 10,000')
  .readonly();

/** Bytes a second; 0 means that there is no limit and becomes null. */
export const byteRate = z
  .bigint('must be a whole number')
  .refine(
    (rate) => rate === 0n || (rate >= 65_536n && rate <= 1_099_511_627_776n),
    'must be 0 for no limit, or from 65,536 (64 KiB/s) to 1,099,511,627,776 (1 TiB/s)',
  )
  .transform((rate) => (rate === 0n ? null : rate));
/** Lanes of a worker; 0 means that there is no limit and becomes null. */
export const laneLimit = z
  .int('must be a whole number')
  .min(0, 'must be 0 for no limit, or from 1 to 256')
  .max(256, 'must be 0 for no limit, or from 1 to 256')
  .transform((lanes) => (lanes === 0 ? null : lanes));

/** A configuration before its plugin has seen it: a JSON object. */
export const object = z.record(z.string(), z.unknown(), 'must be an object');

/** `input` as the schema describes it. Throws `INPUT_INVALID` for the first field that is wrong. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw inputInvalid(issue?.path.map(String).join('.') || 'input', issue?.message ?? 'is wrong');
}

export const inputInvalid = (field: string, reason: string): StrongroomError =>
  new StrongroomError('INPUT_INVALID', { field, reason });

/** Runs `action` on a part of the input: fields that it names are then named from the whole. */
export function within<T>(prefix: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof StrongroomError) || error.code !== 'INPUT_INVALID') throw error;
    throw inputInvalid(`${prefix}.${String(error.details['field'])}`, String(error.details['reason']));
  }
}
