/** Roles and tablespaces of a server: they belong to no database, and what is restored may need them. */
import type pg from 'pg';
import { z } from 'zod';
import { type ServerAccess, withClient } from './connection.ts';
import { assignmentOf } from './databases.ts';
import { literal, quoted } from './quoting.ts';
import { makeMissingTablespaces, readTablespaces, tablespace } from './tablespaces.ts';
import type { RestoreContext } from '../../../src/contracts/index.ts';
import { readJson } from '../database/read-json.ts';

const ATTRIBUTE = /^(SUPERUSER|CREATEROLE|CREATEDB|NOINHERIT|LOGIN|REPLICATION|BYPASSRLS|CONNECTION LIMIT \d{1,9})$/;

const role = z.object({
  name: z.string(),
  /** As in `CREATE ROLE`: `SUPERUSER`, `LOGIN`, `CONNECTION LIMIT 5`. */
  attributes: z.array(z.string().regex(ATTRIBUTE)),
  /** As the server keeps it, for `PASSWORD`; null where there is none, or the user may not see it. */
  password: z.string().nullable(),
  validUntil: z.string().nullable(),
  /** `name=value`, for every database. */
  settings: z.array(z.string()),
});
const membership = z.object({ role: z.string(), member: z.string(), admin: z.boolean() });
const cluster = z.object({
  version: z.literal(1),
  roles: z.array(role),
  memberships: z.array(membership),
  tablespaces: z.array(tablespace),
});

export type ClusterFacts = z.output<typeof cluster>;

const ROLES = `
  SELECT r.rolname::text AS name, r.rolvaliduntil::text AS "validUntil",
         coalesce((SELECT setconfig FROM pg_catalog.pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0), '{}') AS settings,
         array_remove(ARRAY[
           CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
           CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END,
           CASE WHEN r.rolcanlogin THEN 'LOGIN' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END,
           CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
           CASE WHEN r.rolconnlimit >= 0 THEN 'CONNECTION LIMIT ' || r.rolconnlimit END], NULL) AS attributes
    FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY 1`;

const MEMBERSHIPS = `
  SELECT r.rolname::text AS role, m.rolname::text AS member, bool_or(a.admin_option) AS admin
    FROM pg_catalog.pg_auth_members a JOIN pg_catalog.pg_roles r ON r.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
   WHERE m.rolname !~ '^pg_' GROUP BY 1, 2 ORDER BY 1, 2`;

/** All roles and tablespaces of the server but its own, with the passwords that the user may see, which are hashes. */
export async function readCluster(access: ServerAccess): Promise<ClusterFacts> {
  return withClient(access, access.maintenanceDatabase, async (client) => {
    const roles = await client.query<Omit<ClusterFacts['roles'][number], 'password'>>(ROLES);
    const memberships = await client.query<ClusterFacts['memberships'][number]>(MEMBERSHIPS);
    const passwords = await passwordsOf(client);
    return {
      version: 1,
      roles: roles.rows.map((one) => ({ ...one, password: passwords.get(one.name) ?? null })),
      memberships: memberships.rows,
      tablespaces: [...(await readTablespaces(client))],
    };
  });
}

async function passwordsOf(client: pg.Client): Promise<ReadonlyMap<string, string | null>> {
  const { rows: rights } = await client.query<{ may: boolean }>(
    `SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS may`,
  );
  if (rights[0]?.may !== true) return new Map();
  const { rows } = await client.query<{ name: string; password: string | null }>(
    'SELECT rolname::text AS name, rolpassword AS password FROM pg_catalog.pg_authid',
  );
  return new Map(rows.map(({ name, password }) => [name, password]));
}

export const writeCluster = (facts: ClusterFacts): Buffer => Buffer.from(`${JSON.stringify(facts)}\n`);

/** A description of roles takes some hundred bytes for each. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Makes the roles that a server lacks, with their memberships; those that are there stay as they are. All are made, or none. Then tablespaces: see
 * `makeMissingTablespaces`.
 */
export async function makeMissing(
  access: ServerAccess,
  content: AsyncIterable<Uint8Array>,
  context: Pick<RestoreContext, 'warn'>,
): Promise<void> {
  const facts = await readJson(content, cluster, MOST_BYTES);
  await withClient(access, access.maintenanceDatabase, async (client) => {
    const { rows } = await client.query<{ name: string }>('SELECT rolname::text AS name FROM pg_catalog.pg_roles');
    const there = new Set(rows.map(({ name }) => name));
    const missing = facts.roles.filter(({ name }) => !there.has(name));
    await client.query('BEGIN');
    for (const one of missing) for (const statement of statementsFor(one)) await client.query(statement);
    const made = new Set(missing.map(({ name }) => name));
    for (const { role: granted, member, admin } of facts.memberships) {
      if (!made.has(granted) && !made.has(member)) continue;
      await client.query(`GRANT ${quoted(granted)} TO ${quoted(member)}${admin ? ' WITH ADMIN OPTION' : ''}`);
    }
    await client.query('COMMIT');
    await makeMissingTablespaces(client, facts.tablespaces, context);
  });
}

function statementsFor({ name, attributes, password, validUntil, settings }: ClusterFacts['roles'][number]): string[] {
  const options = [
    ...attributes,
    ...(password === null ? [] : [`PASSWORD ${literal(password)}`]),
    ...(validUntil === null ? [] : [`VALID UNTIL ${literal(validUntil)}`]),
  ];
  return [
    `CREATE ROLE ${quoted(name)} ${options.join(' ')}`,
    ...settings.map((setting) => `ALTER ROLE ${quoted(name)} ${assignmentOf(setting)}`),
  ];
}
