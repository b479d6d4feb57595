/** What all services do with rows: find them or say they are not there, and tell a taken name. */
import { z } from 'zod';
import { Prisma } from '../catalogue/generated/prisma/client.ts';
import { StrongroomError } from '../errors.ts';

const uuid = z.uuid();

/** The row that `find` gives for a well-formed id. Throws `OBJECT_NOT_FOUND` otherwise; `type` names it for people. */
export async function existing<Row>(
  type: string,
  id: string,
  find: (id: string) => PromiseLike<Row | null>,
): Promise<Row> {
  const row = uuid.safeParse(id).success ? await find(id) : null;
  if (row === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type, id });
  return row;
}

/** Runs a write; a unique name that is in use already becomes `NAME_TAKEN`. */
export async function namingUniquely<T>(type: string, name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new StrongroomError('NAME_TAKEN', { type, name });
  }
}

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';

/** Plain data as Prisma takes JSON: what JSON can't hold is dropped or refused here. */
export const asJson = (value: unknown): Prisma.InputJsonValue => json.parse(JSON.parse(JSON.stringify(value)));
const json = z.custom<Prisma.InputJsonValue>((value) => value !== undefined && value !== null);

/** Options of an engine's run with a signal, if there is one. */
export const signalled = (signal: AbortSignal | undefined): { readonly signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };
