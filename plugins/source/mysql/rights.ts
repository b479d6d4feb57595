/** What a user may do, as the server lists it. */
import type { Connection } from 'mysql2/promise';
import { rowsOf } from './connection.ts';
import { isMariaDb, type ServerVersion } from './server.ts';

const GRANT = /^GRANT (.+?) ON (`(?:[^`]|``)+`|\*)\.(`(?:[^`]|``)+`|\*) TO /;

/**
 * Rights on all of a database, those of roles in use among them; `ALL PRIVILEGES` for all there are, and `ROUTINES_SEEN`.
 */
export async function rightsOn(
  connection: Connection,
  server: ServerVersion,
  database: string,
): Promise<ReadonlySet<string>> {
  const rights = new Set<string>();
  for (const grant of await grantsOf(connection, server)) {
    const [, names = '', scope = '', table = ''] = GRANT.exec(grant) ?? [];
    const place = unquoted(scope);
    const isHere = table === '*' && (place === '*' || likeExpression(place).test(database));
    const isProc = place === 'mysql' && unquoted(table) === 'proc';
    for (const name of names.split(', ')) {
      if (isHere) rights.add(name);
      if (isHere && OF_ROUTINES.has(name)) rights.add(ROUTINES_SEEN);
      if (place === '*' && name === 'SELECT') rights.add(ROUTINES_SEEN);
      if (isProc && name === 'SELECT') rights.add(ROUTINES_SEEN);
      if (name === 'SHOW_ROUTINE' || name === 'SHOW CREATE ROUTINE') rights.add(ROUTINES_SEEN);
    }
  }
  return rights;
}

/** What it takes to see routines of others; whoever may run them sees at least that they are there. */
export const ROUTINES_SEEN = 'SELECT on mysql.proc (of MySQL: SHOW_ROUTINE)';
const OF_ROUTINES = new Set(['EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE', 'ALL PRIVILEGES']);

async function grantsOf(connection: Connection, server: ServerVersion): Promise<readonly string[]> {
  const rows = await rowsOf<Readonly<Record<string, string>>>(connection, await grantsStatement(connection, server));
  return rows.map((row) => Object.values(row)[0] ?? '');
}

/** MariaDB lists the role in use as well; MySQL must be told. */
async function grantsStatement(connection: Connection, server: ServerVersion): Promise<string> {
  if (isMariaDb(server)) return 'SHOW GRANTS';
  const [row] = await rowsOf<{ roles: string }>(connection, 'SELECT CURRENT_ROLE() AS roles');
  const roles = row?.roles ?? 'NONE';
  return roles === 'NONE' ? 'SHOW GRANTS' : `SHOW GRANTS FOR CURRENT_USER() USING ${roles}`;
}

const unquoted = (name: string): string => (name === '*' ? name : name.slice(1, -1).replaceAll('``', '`'));

/** Databases are named by patterns: `%` is anything, `_` one character, a backslash takes them literally. */
function likeExpression(pattern: string): RegExp {
  const parts = pattern.match(/\\.|[^\\]/gs) ?? [];
  const expression = parts.map((part) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return RegExp.escape(part.length > 1 ? part.slice(1) : part);
  });
  return new RegExp(`^${expression.join('')}$`, 's');
}
