/** Finds objects by what people call them: a name or an id, or nothing at all when there is only one. */
import { usageError } from '../input/usage.ts';
import { hasCode } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { notFound } from './not-found.ts';
import type { GraphQLOperation, Page } from './operation.ts';

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** How one type of object is found. */
export interface NamedType {
  /** Its word, for errors: `workload`. */
  readonly what: string;
  readonly byName: GraphQLOperation<{ readonly found: Named | null }, { readonly name: string }>;
  readonly byId: GraphQLOperation<{ readonly found: Named | null }, { readonly id: string }>;
  readonly some: GraphQLOperation<{ readonly page: Page<Named> }, { readonly first: number }>;
}

/** Names that are looked through for one alike. */
const LOOKED_THROUGH = 50;

/** What `lookUp` finds by an id; nothing when the text is no id at all. */
export async function unlessNoId<Found>(lookUp: () => Promise<Found | null>): Promise<Found | null> {
  try {
    return await lookUp();
  } catch (error) {
    if (hasCode(error, 'INPUT_INVALID') || hasCode(error, 'OBJECT_NOT_FOUND')) return null;
    throw error;
  }
}

/** The object called `reference`; rejects with `OBJECT_NOT_FOUND`. A name is taken before an id. */
export async function findNamed(api: ApiClient, type: NamedType, reference: string): Promise<Named> {
  const named = await api.run(type.byName, { name: reference });
  if (named.found !== null) return named.found;
  const found = await unlessNoId(async () => (await api.run(type.byId, { id: reference })).found);
  if (found !== null) return found;
  const { page } = await api.run(type.some, { first: LOOKED_THROUGH });
  throw notFound(
    type.what,
    reference,
    page.edges.map(({ node }) => node.name),
  );
}

/** As `findNamed`; without a reference the only one there is. */
export async function findNamedOrOnly(api: ApiClient, type: NamedType, reference: string | undefined): Promise<Named> {
  if (reference !== undefined) return findNamed(api, type, reference);
  const { page } = await api.run(type.some, { first: 5 });
  const [only, ...others] = page.edges.map(({ node }) => node);
  if (only === undefined)
    throw usageError(type.what, `there is none yet; "strongroom ${type.what} create --help" says how to make one.`);
  if (others.length > 0) {
    const names = [only, ...others].map(({ name }) => name).join(', ');
    throw usageError(
      type.what,
      `there are ${page.totalCount}, say which one: ${names}${page.totalCount > 5 ? ', …' : ''}.`,
    );
  }
  return only;
}
