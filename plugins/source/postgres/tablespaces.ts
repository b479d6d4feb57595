/** Tablespaces of a server: folders of its machine, where tables and indexes may lie. */
import type pg from 'pg';
import { z } from 'zod';
import type { RestoreContext } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { literal, quoted } from './quoting.ts';

export const tablespace = z.object({
  name: z.string(),
  owner: z.string(),
  /** Absolute path on the server's machine; empty for one inside of its data directory. */
  location: z.string(),
  /** `name=value`. */
  options: z.array(z.string().regex(/^[a-z_]+=[\d.]+$/)),
});

export type TablespaceFacts = z.output<typeof tablespace>;

/** All but the server's own. */
export async function readTablespaces(client: pg.Client): Promise<readonly TablespaceFacts[]> {
  const { rows } = await client.query<TablespaceFacts>(
    `SELECT spcname::text AS name, pg_get_userbyid(spcowner)::text AS owner, pg_tablespace_location(oid) AS location,
            coalesce(spcoptions, '{}') AS options FROM pg_catalog.pg_tablespace WHERE spcname !~ '^pg_' ORDER BY 1`,
  );
  return rows;
}

/** Makes those that the server lacks. One whose folder is not there, or not to be used, is warned about: what lies in it then lies where the database does. */
export async function makeMissingTablespaces(
  client: pg.Client,
  wanted: readonly TablespaceFacts[],
  { warn }: Pick<RestoreContext, 'warn'>,
): Promise<void> {
  const there = new Set((await readTablespaces(client)).map(({ name }) => name));
  for (const { name, owner, location, options } of wanted) {
    if (there.has(name) || location === '') continue;
    const settings = options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
    try {
      await client.query(
        `CREATE TABLESPACE ${quoted(name)} OWNER ${quoted(owner)} LOCATION ${literal(location)}${settings}`,
      );
    } catch (error) {
      const subject = `tablespace ${name}`;
      const reason = `it could not be made: ${error instanceof Error ? error.message : String(error)}`;
      const { message } = new StrongroomError('RESTORE_ATTRIBUTE', { attribute: 'the place', path: subject, reason });
      warn({ code: 'RESTORE_ATTRIBUTE', subject, message });
    }
  }
}
