/** Users and roles of a server: they belong to no database, and what is restored may need them. */
import type { Connection } from 'mysql2/promise';
import { z } from 'zod';
import { StrongroomError } from '../../../src/errors.ts';
import { readJson } from '../database/read-json.ts';
import { ErrorNumber, numberOf, rowsOf } from './connection.ts';
import { literal, quoted } from './quoting.ts';
import { isMariaDb, type ServerVersion } from './server.ts';

const user = z.object({
  name: z.string(),
  /** Null for a role of MariaDB. */
  host: z.string().nullable(),
  /** Statements that make it and give it its rights, as the server writes them. */
  create: z.string().regex(/^CREATE (USER|ROLE) /),
  grants: z.array(z.string().regex(/^(GRANT|SET DEFAULT ROLE) /)),
});
const users = z.object({ version: z.literal(1), users: z.array(user) });

export type UserFacts = z.output<typeof users>;

/** Accounts that every server makes for itself. */
const OWN = new Set(['mysql.sys', 'mysql.session', 'mysql.infoschema', 'mariadb.sys', 'PUBLIC']);
/** A table, or a routine, that a right is about. */
const ABSENT: ReadonlySet<number | undefined> = new Set([ErrorNumber.noSuchTable, ErrorNumber.noSuchRoutine]);
const MOST_BYTES = 64 * 2 ** 20;

type Account = Pick<UserFacts['users'][number], 'name' | 'host'>;

async function accountsOf(connection: Connection, server: ServerVersion): Promise<readonly Account[]> {
  const isRole = isMariaDb(server) ? `is_role = 'Y'` : '0';
  const rows = await rowsOf<{ name: string; host: string; isRole: number }>(
    connection,
    `SELECT User AS name, Host AS host, ${isRole} AS isRole FROM mysql.user ORDER BY isRole DESC, User, Host`,
  );
  return rows
    .filter(({ name }) => !OWN.has(name))
    .map(({ name, host, isRole: role }) => ({ name, host: role ? null : host }));
}

const accountOf = ({ name, host }: Account): string =>
  host === null ? quoted(name) : `${literal(name)}@${literal(host)}`;

/** All users and roles but the server's own. Throws what the server says to those who may not see them. */
export async function readUsers(connection: Connection, server: ServerVersion): Promise<UserFacts> {
  const found: UserFacts['users'] = [];
  for (const account of await accountsOf(connection, server)) {
    const first = async (statement: string): Promise<readonly string[]> =>
      (await rowsOf<Readonly<Record<string, string>>>(connection, statement)).map((row) => Object.values(row)[0] ?? '');
    try {
      const created =
        account.host === null
          ? [`CREATE ROLE ${accountOf(account)}`]
          : await first(`SHOW CREATE USER ${accountOf(account)}`);
      const grants = await first(`SHOW GRANTS FOR ${accountOf(account)}`);
      found.push({ ...account, create: created[0] ?? '', grants: [...grants] });
    } catch (error) {
      // Of a host with a name, on a server that does not look up names: nobody can be that user there.
      if (numberOf(error) !== ErrorNumber.noSuchUser) throw error;
    }
  }
  return { version: 1, users: found };
}

export const writeUsers = (facts: UserFacts): Buffer => Buffer.from(`${JSON.stringify(facts)}\n`);

/** Users and roles that a restore has made. Their rights may be about what is restored after them: `giveRights` gives those. */
export type MadeUsers = UserFacts['users'];

/** Makes the users and roles that a server lacks, without their rights; those that are there stay as they are. */
export async function makeMissingUsers(
  connection: Connection,
  server: ServerVersion,
  content: AsyncIterable<Uint8Array>,
): Promise<MadeUsers> {
  const facts = await readJson(content, users, MOST_BYTES);
  const there = new Set((await accountsOf(connection, server)).map(accountOf));
  const missing = facts.users.filter((one) => !there.has(accountOf(one)));
  for (const one of missing) {
    await connection.query(one.create).catch((error: unknown) => {
      throw unquotedError(one, error);
    });
  }
  return missing;
}

/** What the server says of such a statement may quote from it, which holds the hash of a password. */
const unquotedError = (account: Account, error: unknown): StrongroomError =>
  new StrongroomError('RESTORE_FAILED', {
    subject: `user ${accountOf(account)}`,
    reason: `the server answers with error ${numberOf(error)}`,
  });

/** Gives them their rights; those about what is not there are left out. */
export async function giveRights(connection: Connection, made: MadeUsers): Promise<void> {
  for (const one of made) {
    for (const grant of one.grants) {
      await connection.query(grant).catch((error: unknown) => {
        if (!ABSENT.has(numberOf(error))) throw unquotedError(one, error);
      });
    }
  }
}

/** A restore that failed has made nobody: another attempt would take them for users that were there, and leave them without rights. */
export async function dropUsers(connection: Connection, made: MadeUsers): Promise<void> {
  for (const one of made)
    await connection.query(`DROP ${one.host === null ? 'ROLE' : 'USER'} IF EXISTS ${accountOf(one)}`);
}
