/** What a restore calls its databases, stable over its attempts. */
import { shortId } from '../database/short-id.ts';
import type { ServerAccess } from './connection.ts';

export interface RestoreNames {
  /** Filled beside the live one. */
  readonly beside: string;
  /** The old one after the swap. */
  readonly before: string;
}

/** PostgreSQL cuts names after so many bytes. */
const MOST_BYTES = 63;

/** The end of the names of databases that a restore has replaced. */
export const beforeSuffix = (restoreId: string): string => `_before_${shortId(restoreId)}`;

/** Where a name is too long with its end, its beginning is cut. */
export function namesFor(name: string, restoreId: string): RestoreNames {
  const suffixed = (suffix: string): string => {
    let first = name;
    while (Buffer.byteLength(first + suffix) > MOST_BYTES) first = first.slice(0, -1);
    return first + suffix;
  };
  return { beside: suffixed(`_strongroom_${shortId(restoreId)}`), before: suffixed(beforeSuffix(restoreId)) };
}

/** The schema where new tables are made. Numbers tell the schemas apart that they come from. */
export const stagingSchema = (restoreId: string, number: number): string =>
  `strongroom_${shortId(restoreId)}_${number}`;

/** The schema where old tables wait. */
export const asideSchema = (restoreId: string, number: number): string => `${asidePrefix(restoreId)}${number}`;

/** The beginning of the names of those schemas. */
export const asidePrefix = (restoreId: string): string => `strongroom_before_${shortId(restoreId)}_`;

/** The database to be connected to while another one is renamed: a database cannot be renamed over the connection to itself. */
export const maintenanceOf = (access: ServerAccess, name: string): string =>
  access.maintenanceDatabase === name ? 'template1' : access.maintenanceDatabase;
