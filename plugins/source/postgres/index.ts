/** A PostgreSQL database, backed up by the server's own programs. */
import { z } from 'zod';
import { defineSource } from '../../../src/contracts/index.ts';
import { choiceFields, connectionFields, EXCLUDES_OF_PATTERNS, ONE_CHOICE } from '../database/configuration.ts';
import { choiceOf } from '../database/database-choice.ts';

const Name = z.string().min(1).max(63);

export default defineSource({
  name: 'postgres',
  version: '1.0.0',
  contractVersion: 1,
  description: 'A PostgreSQL database, dumped consistently while it is in use. Needs pg_dump and pg_restore.',
  content: 'DATABASE',
  configuration: z
    .object({
      host: z
        .string()
        .min(1)
        .max(255)
        .default('localhost')
        .describe('Name or address of the server, or the folder of its socket.'),
      port: z.int().min(1).max(65_535).default(5432).describe('Port of the server.'),
      ...choiceFields(63, 'templates'),
      user: Name.describe('User who may read all of the database, and create databases for restores.'),
      ...connectionFields,
      maintenanceDatabase: Name.default('postgres').describe('Another database, to be connected to during a restore.'),
      lockTimeoutSeconds: z
        .int()
        .min(1)
        .max(86_400)
        .default(60)
        .describe('How long to wait for a table that somebody has locked against readers.'),
      allowPartial: z
        .boolean()
        .default(false)
        .describe('Whether tables that the user may not read are left out with a warning; otherwise the backup fails.'),
      roles: z
        .boolean()
        .default(false)
        .describe(
          'Whether roles and tablespaces of the server are backed up too, with the hashes of passwords; a restore makes those that are missing.',
        ),
    })
    .refine(...ONE_CHOICE)
    .refine(...EXCLUDES_OF_PATTERNS),
  async create(
    { password, sslRootCertificate, allowPartial, roles, database, databases, excludeDatabases, ...access },
    host,
  ) {
    const { PostgresSource } = await import('./postgres-source.ts');
    const choice = choiceOf(database, databases, excludeDatabases);
    const one = database ?? access.maintenanceDatabase;
    return new PostgresSource(
      { ...access, password, sslRootCertificate, database: one },
      { choice, allowPartial, roles },
      host,
    );
  },
});
