/** A PostgreSQL database, backed up by the server's own programs. */
import { z } from 'zod';
import { defineSource, secret } from '../../../src/contracts/index.ts';
import { choiceOf } from '../database/database-choice.ts';

const Name = z.string().min(1).max(63);
/** `*` is anything, `?` one character. */
const Pattern = z.string().min(1).max(200);

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
      database: Name.optional().describe('Name of the database. Either this or "databases".'),
      databases: z
        .array(Pattern)
        .min(1)
        .max(100)
        .optional()
        .describe('Patterns of databases, "*" for all but templates; those made later are backed up as well.'),
      excludeDatabases: z
        .array(Pattern)
        .max(100)
        .optional()
        .describe('Patterns of databases to leave out; wins over "databases".'),
      user: Name.describe('User who may read all of the database, and create databases for restores.'),
      password: secret().optional().describe('Password of the user, where the server asks for one.'),
      sslMode: z
        .enum(['disable', 'prefer', 'require', 'verify-full'])
        .default('prefer')
        .describe(
          'Whether the connection is encrypted; with "verify-full" the server must prove by a certificate who it is.',
        ),
      sslRootCertificate: z
        .string()
        .max(1_000_000)
        .regex(/-----BEGIN CERTIFICATE-----/, 'must be certificates in PEM')
        .optional()
        .describe(
          'For "verify-full": the certificates of a private authority, in PEM; those that Node trusts when absent.',
        ),
      maintenanceDatabase: Name.default('postgres').describe('Another database, to be connected to during a restore.'),
      connections: z
        .int()
        .min(1)
        .max(32)
        .default(2)
        .describe('Connections that read or write rows at once; as many as the server can spare processors.'),
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
    .refine(({ database, databases }) => (database === undefined) !== (databases === undefined), {
      path: ['database'],
      error: 'must be given, or "databases" instead',
    })
    .refine(({ databases, excludeDatabases }) => databases !== undefined || excludeDatabases === undefined, {
      path: ['excludeDatabases'],
      error: 'goes with "databases" only',
    }),
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
