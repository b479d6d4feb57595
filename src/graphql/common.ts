/** Types that several nouns share. */
import { errorCatalogue, errorFromData, type ErrorCode, StrongroomError } from '../errors.ts';
import type { GraphQLContext } from './context.ts';
import { builder } from './builder.ts';
import type { StoredLabel, StoredTable, StoredWarning } from './stored-json.ts';
import type { Actor } from '../services/index.ts';

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many objects the whole list has, on all pages.',
    extensions: { pothosPrismaTotalCount: true },
    resolve: async (page: object) => {
      const total = 'totalCount' in page ? page.totalCount : undefined;
      const count: unknown = typeof total === 'function' ? await total() : total;
      return typeof count === 'number' ? count : 0;
    },
  }),
);

export const LabelType = builder.objectRef<StoredLabel>('Label').implement({
  description: 'A name and a value to sort and find things by.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Name of the label, unique on its object.' }),
    value: t.exposeString('value', { description: 'Value of the label; may be empty.' }),
  }),
});

export const LabelInput = builder.inputType('LabelInput', {
  description: 'A name and a value to sort and find things by.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Name of the label, unique on its object.' }),
    value: t.string({ required: true, description: 'Value of the label; may be empty.' }),
  }),
});

export const TableType = builder.objectRef<StoredTable>('Table').implement({
  description: 'A table of a database.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Qualified name as its database writes it, for instance `public.orders`.',
    }),
    rows: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Number of rows; null when the database does not tell.',
      resolve: (table) => table.rows,
    }),
    bytes: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Size in bytes; null when the database does not tell.',
      resolve: (table) => table.bytes,
    }),
    checksum: t.exposeString('checksum', {
      nullable: true,
      description:
        'SHA-256 of its rows as they are stored, in hexadecimal; of several files, of their checksums in order, a line each. Null where its source makes none.',
    }),
  }),
});

export const RunWarningType = builder.objectRef<StoredWarning>('RunWarning').implement({
  description: 'Something that a run could not do as asked; the rest was done.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable code for programs, for instance `SOURCE_FILE_UNREADABLE`.' }),
    subject: t.exposeString('subject', { description: 'What it is about: a path (as text) or a table.' }),
    message: t.exposeString('message', { description: 'What happened, for people.' }),
  }),
});

/** An error in words. Not the error itself: GraphQL takes an `Error` for a value as thrown. */
export interface RunErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

export const runErrorFacts = ({ code, message, help }: StrongroomError): RunErrorFacts => ({ code, message, help });

export const RunErrorType = builder.objectRef<RunErrorFacts>('RunError').implement({
  description: 'Why a run failed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable code for programs; docs/errors.md lists every one.' }),
    message: t.exposeString('message', { description: 'What went wrong, one sentence for people.' }),
    help: t.exposeString('help', { description: 'What to do about it, for people.' }),
  }),
});

export const DeletedType = builder.objectRef<{ readonly deletedId: string }>('Deleted').implement({
  description: 'An object that is no more.',
  fields: (t) => ({
    deletedId: t.exposeID('deletedId', { description: 'The global id it had.' }),
  }),
});

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

/** The error that a run's row keeps; null when there is none. */
export function storedError(code: string | null, details: unknown): RunErrorFacts | null {
  if (code === null) return null;
  if (!isErrorCode(code))
    return runErrorFacts(new StrongroomError('INTERNAL', { reason: `unknown error code ${code}` }));
  const known: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(details ?? {})) {
    if (typeof value === 'string' || typeof value === 'number') known[key] = value;
  }
  return runErrorFacts(errorFromData({ code, details: known }));
}

/** Who asks, for the services. Throws `UNAUTHENTICATED` when nobody is signed in. */
export function actorOf(context: GraphQLContext): Actor {
  if (context.viewer === undefined) throw new StrongroomError('UNAUTHENTICATED', {});
  return context.viewer.actor;
}

/**
 * The fields of an input that were given: the services tell absent from present, and null counts as absent.
 */
export type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };
export function given<T extends object>(input: T): Given<T> {
  const kept: Given<T> = {};
  for (const key of Object.keys(input) as (keyof T)[]) {
    const value = input[key];
    if (value !== null && value !== undefined) kept[key] = value;
  }
  return kept;
}
