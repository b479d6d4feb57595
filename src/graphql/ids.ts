/** Global ids: the base64url of `Type:uuid`. Clients treat them as opaque; every one of them works with `node`. */
import { StrongroomError } from '../errors.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The types that have global ids. */
export type NodeType =
  | 'AccessToken'
  | 'Backup'
  | 'Event'
  | 'Repository'
  | 'Restore'
  | 'Source'
  | 'Verification'
  | 'Worker'
  | 'Workload';

/** The global id of an object. */
export const globalId = (type: string, id: string): string =>
  Buffer.from(`${type}:${id}`, 'utf8').toString('base64url');

/** The parts of a global id. Throws `INPUT_INVALID` naming `field` when it is not one. */
export function parseGlobalId(id: string, field: string): { readonly type: string; readonly id: string } {
  const text = Buffer.from(id, 'base64url').toString('utf8');
  const colon = text.indexOf(':');
  const parts = { type: text.slice(0, colon), id: text.slice(colon + 1) };
  if (colon < 1 || !uuid.test(parts.id) || globalId(parts.type, parts.id) !== id) {
    throw new StrongroomError('INPUT_INVALID', { field, reason: 'this is not an id that the API gave out.' });
  }
  return parts;
}

/** The row's UUID in a global id of the given type. Throws `INPUT_INVALID` naming `field` otherwise. */
export function localId(id: string | number, type: NodeType, field: string): string {
  const parts = parseGlobalId(String(id), field);
  if (parts.type !== type) {
    throw new StrongroomError('INPUT_INVALID', {
      field,
      reason: `this is the id of a ${parts.type}, a ${type} is needed.`,
    });
  }
  return parts.id;
}

/**
 * What a lookup by id or by name means. Throws `INPUT_INVALID` when not exactly one of them is given or the id is not
 * one of that type.
 */
export function idOrName(
  id: string | number | null | undefined,
  name: string | null | undefined,
  type: NodeType,
): { id: string } | { name: string } {
  const byId = id !== null && id !== undefined;
  const byName = name !== null && name !== undefined;
  if (byId && !byName) return { id: localId(id, type, 'id') };
  if (byName && !byId) return { name };
  throw new StrongroomError('INPUT_INVALID', { field: 'id', reason: 'give either an id or a name.' });
}
