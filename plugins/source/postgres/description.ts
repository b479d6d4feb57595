/** What a database is, apart from what is in its tables. */
import type { DatabaseFacts } from './facts.ts';
import type { ReadingSession } from './reading-session.ts';
import { type DeniedSequence, readSequences } from './sequences.ts';

export type Description = Omit<DatabaseFacts, 'tables' | 'scope'> & {
  readonly deniedSequences: readonly DeniedSequence[];
};

/** Reads it in the view of a session. */
export async function readDescription(session: Pick<ReadingSession, 'query'>): Promise<Description> {
  const [database] = await session.query<{
    server: string;
    number: string;
    name: string;
    encoding: string;
    collation: string;
    type: string;
    bytes: string;
  }>(
    `SELECT current_setting('server_version') AS server, current_setting('server_version_num') AS number, datname::text AS name,
            pg_encoding_to_char(encoding)::text AS encoding, datcollate::text AS collation, datctype::text AS type,
            pg_database_size(oid) AS bytes
       FROM pg_catalog.pg_database WHERE datname = current_database()`,
  );
  if (database === undefined) throw new RangeError('A database does not know itself.');
  const schemas = await session.query<{ name: string; owner: string }>(
    `SELECT nspname::text AS name, pg_get_userbyid(nspowner)::text AS owner FROM pg_catalog.pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1`,
  );
  const extensions = await session.query<{ name: string; version: string }>(
    `SELECT extname::text AS name, extversion AS version FROM pg_catalog.pg_extension ORDER BY 1`,
  );
  const tablespaces = await session.query<{ name: string }>(
    `SELECT DISTINCT t.spcname::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
      WHERE t.spcname !~ '^pg_' ORDER BY 1`,
  );
  const sequences = await readSequences((text) => session.query(text));
  return {
    deniedSequences: sequences.denied,
    version: 1,
    server: { version: database.server, major: Math.floor(Number(database.number) / 10_000) },
    database: database.name,
    encoding: database.encoding,
    collation: database.collation,
    characterType: database.type,
    bytes: Number(database.bytes),
    schemas: [...schemas],
    tablespaces: tablespaces.map(({ name }) => name),
    extensions: [...extensions],
    sequences: [...sequences.readable],
  };
}
