/** What kind of server it is. */
import type { Connection } from 'mysql2/promise';
import { rowsOf } from './connection.ts';

export interface ServerVersion {
  readonly flavour: 'MariaDB' | 'MySQL';
  /** As it writes it: `10.11.6-MariaDB`. */
  readonly version: string;
  /** Comparable: 101106 for 10.11.6. */
  readonly number: number;
}

export async function readServerVersion(connection: Connection): Promise<ServerVersion> {
  const [row] = await rowsOf<{ version: string; comment: string }>(
    connection,
    'SELECT VERSION() AS version, @@version_comment AS comment',
  );
  const version = row?.version ?? '';
  const [, major = '0', minor = '0', patch = '0'] = /(\d+)\.(\d+)\.(\d+)/.exec(version.replace(/^5\.5\.5-/, '')) ?? [];
  const flavour = /mariadb/i.test(`${version} ${row?.comment ?? ''}`) ? 'MariaDB' : 'MySQL';
  return { flavour, version, number: Number(major) * 10_000 + Number(minor) * 100 + Number(patch) };
}

/** Whether it is MariaDB, and at least of this version. */
export const isMariaDb = ({ flavour, number }: ServerVersion, least = 0): boolean =>
  flavour === 'MariaDB' && number >= least;
