/** Whole databases: which there are, a new one like an old one, and away with them. */
import type pg from 'pg';
import type { DatabaseFacts } from './facts.ts';
import { literal, quoted } from './quoting.ts';

export async function databaseExists(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [name]);
  return rowCount === 1;
}

/** The setting of a restored database that names its restore. */
const MARK = 'strongroom.restore';

/** Says of a database which restore made it. */
export async function markDatabase(client: pg.Client, name: string, restoreId: string): Promise<void> {
  await client.query(`ALTER DATABASE ${quoted(name)} SET ${MARK} = ${literal(restoreId)}`);
}

/** Whether a setting of a database has this value. */
export async function isMarked(client: pg.Client, database: string, mark: string, value: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
      WHERE d.datname = $1 AND s.setrole = 0 AND $2 = ANY (s.setconfig)`,
    [database, `${mark}=${value}`],
  );
  return rows.length > 0;
}

/** The databases that a restore made. */
export async function databasesMarked(client: pg.Client, restoreId: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT d.datname::text AS name FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
      WHERE s.setrole = 0 AND $1 = ANY (s.setconfig) ORDER BY 1`,
    [`${MARK}=${restoreId}`],
  );
  return rows.map(({ name }) => name);
}

/** Drops a database with whoever is connected to it; fine when it is not there. */
export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
}

interface DatabaseRow {
  readonly owner: string;
  readonly encoding: string;
  readonly datconnlimit: number;
  readonly datcollate: string;
  readonly datctype: string;
  readonly datlocprovider?: string;
  /** Named so up to PostgreSQL 16. */
  readonly daticulocale?: string | null;
  /** Named so from 17 on. */
  readonly datlocale?: string | null;
}

/**
 * Creates an empty database that has owner, encoding, locale, settings and privileges of `like`, if that is given; else encoding and locale as
 * they were where it was backed up, as far as this server has them.
 */
export async function createBeside(
  client: pg.Client,
  name: string,
  like: string | undefined,
  backedUp: Pick<DatabaseFacts, 'encoding' | 'collation' | 'characterType'>,
): Promise<void> {
  const { rows } = await client.query<{ found: DatabaseRow }>(
    `SELECT to_jsonb(d) || jsonb_build_object('owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding)) AS found
       FROM pg_catalog.pg_database d WHERE datname = $1`,
    [like],
  );
  const found = rows[0]?.found;
  const options = found === undefined ? await optionsAs(client, backedUp) : optionsLike(found);
  await client.query(`CREATE DATABASE ${quoted(name)} TEMPLATE template0 ${options.join(' ')}`);
  if (like === undefined) return;
  for (const statement of await statementsLike(client, name, like)) await client.query(statement);
}

async function optionsAs(
  client: pg.Client,
  { encoding, collation, characterType }: Pick<DatabaseFacts, 'encoding' | 'collation' | 'characterType'>,
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT collname::text AS name FROM pg_catalog.pg_collation WHERE collprovider = 'c' AND collencoding IN (-1, pg_char_to_encoding($1))
      UNION SELECT datcollate::text FROM pg_catalog.pg_database UNION SELECT datctype::text FROM pg_catalog.pg_database`,
    [encoding],
  );
  const known = new Set(rows.map((row) => row.name));
  if (!known.has(collation) || !known.has(characterType)) return [`ENCODING ${literal(encoding)}`];
  return [`ENCODING ${literal(encoding)}`, `LC_COLLATE ${literal(collation)}`, `LC_CTYPE ${literal(characterType)}`];
}

function optionsLike(found: DatabaseRow): string[] {
  const options = [
    `OWNER ${quoted(found.owner)}`,
    `ENCODING ${literal(found.encoding)}`,
    `LC_COLLATE ${literal(found.datcollate)}`,
    `LC_CTYPE ${literal(found.datctype)}`,
    `CONNECTION LIMIT ${found.datconnlimit}`,
  ];
  const locale = found.datlocale ?? found.daticulocale ?? '';
  if (found.datlocprovider === 'i') options.push('LOCALE_PROVIDER icu', `ICU_LOCALE ${literal(locale)}`);
  if (found.datlocprovider === 'b') options.push('LOCALE_PROVIDER builtin', `BUILTIN_LOCALE ${literal(locale)}`);
  return options;
}

/** `SET … TO …` for a setting as the catalogue keeps it, `name=value`. */
export function assignmentOf(setting: string): string {
  const end = setting.indexOf('=');
  const key = setting.slice(0, end);
  const value = LISTS.has(key) ? setting.slice(end + 1) || "''" : literal(setting.slice(end + 1));
  return `SET ${key.split('.').map(quoted).join('.')} TO ${value}`;
}

/** Settings whose value is a list of names, each quoted already. */
const LISTS: ReadonlySet<string> = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'temp_tablespaces',
]);

async function statementsLike(client: pg.Client, name: string, like: string): Promise<readonly string[]> {
  const settings = await client.query<{ role: string | null; setting: string }>(
    `SELECT r.rolname AS role, unnest(s.setconfig) AS setting
       FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
       LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
      WHERE d.datname = $1 AND (s.setrole = 0 OR r.oid IS NOT NULL)`,
    [like],
  );
  const grants = await client.query<{ grantee: string | null; privilege: string; grantable: boolean }>(
    `SELECT r.rolname AS grantee, a.privilege_type AS privilege, a.is_grantable AS grantable
       FROM pg_catalog.pg_database d, aclexplode(d.datacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
      WHERE d.datname = $1 AND a.grantee <> d.datdba`,
    [like],
  );
  const hasAcl = await client.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1 AND datacl IS NOT NULL', [
    like,
  ]);
  const kept = settings.rows.filter(({ setting }) => !setting.startsWith('strongroom.'));
  const statements = kept.map(({ role, setting }) => {
    const whose = role === null ? `DATABASE ${quoted(name)}` : `ROLE ${quoted(role)} IN DATABASE ${quoted(name)}`;
    return `ALTER ${whose} ${assignmentOf(setting)}`;
  });
  const { rows: comments } = await client.query<{ comment: string | null }>(
    `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE datname = $1`,
    [like],
  );
  const comment = comments[0]?.comment ?? null;
  if (comment !== null) statements.push(`COMMENT ON DATABASE ${quoted(name)} IS ${literal(comment)}`);
  if (hasAcl.rowCount === 1) statements.push(`REVOKE ALL ON DATABASE ${quoted(name)} FROM PUBLIC`);
  for (const { grantee, privilege, grantable } of grants.rows) {
    const to = grantee === null ? 'PUBLIC' : quoted(grantee);
    statements.push(`GRANT ${privilege} ON DATABASE ${quoted(name)} TO ${to}${grantable ? ' WITH GRANT OPTION' : ''}`);
  }
  return statements;
}
