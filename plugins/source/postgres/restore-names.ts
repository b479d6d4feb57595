/** What a restore calls its databases, stable over its attempts. */
import { createHash } from 'node:crypto';
import type { ServerAccess } from './connection.ts';

export interface RestoreNames {
  /** Filled beside the live one. */
  readonly beside: string;
  /** The old one after the swap. */
  readonly before: string;
}

/** PostgreSQL cuts names after so many bytes. */
const MOST_BYTES = 63;

/** The end of every name of a restore: 8 hexadecimal digits. */
export const shortId = (restoreId: string): string => createHash('sha256').update(restoreId).digest('hex').slice(0, 8);

/** Where a name is too long with its end, its beginning is cut. */
export function namesFor(name: string, restoreId: string): RestoreNames {
  const suffixed = (suffix: string): string => {
    let first = name;
    while (Buffer.byteLength(first + suffix) > MOST_BYTES) first = first.slice(0, -1);
    return first + suffix;
  };
  return { beside: suffixed(`_strongroom_${shortId(restoreId)}`), before: suffixed(`_before_${shortId(restoreId)}`) };
}

/** The database to be connected to while another one is renamed: a database cannot be renamed over the connection to itself. */
export const maintenanceOf = (access: ServerAccess, name: string): string =>
  access.maintenanceDatabase === name ? 'template1' : access.maintenanceDatabase;
