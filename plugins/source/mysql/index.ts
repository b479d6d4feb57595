/** MariaDB and MySQL databases. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { defineSource, secret } from '../../../src/contracts/index.ts';
import { choiceOf } from '../database/database-choice.ts';

const Name = z.string().min(1).max(64);
/** `*` is anything, `?` one character. */
const Pattern = z.string().min(1).max(200);

export default defineSource({
  name: 'mysql',
  version: '1.0.0',
  contractVersion: 1,
  description: 'MariaDB or MySQL databases, read consistently while they are in use. Needs no programs of the server.',
  content: 'DATABASE',
  configuration: z
    .object({
      host: z
        .string()
        .min(1)
        .max(255)
        .default('localhost')
        .describe('Name or address of the server, or the path of its socket.'),
      port: z.int().min(1).max(65_535).default(3306).describe('Port of the server.'),
      database: Name.optional().describe('Name of the database. Either this or "databases".'),
      databases: z
        .array(Pattern)
        .min(1)
        .max(100)
        .optional()
        .describe('Patterns of databases, "*" for all but the server\'s own; those made later are backed up as well.'),
      excludeDatabases: z
        .array(Pattern)
        .max(100)
        .optional()
        .describe('Patterns of databases to leave out; wins over "databases".'),
      user: Name.describe(
        'User with the rights SELECT, SHOW VIEW, TRIGGER, EVENT and RELOAD; for restores with all rights.',
      ),
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
        .describe('How long to wait for a lock that somebody else has.'),
      lockNonTransactional: z
        .boolean()
        .default(false)
        .describe(
          'Whether nobody may write tables without transactions (MyISAM, Aria) during a backup; otherwise each is warned about.',
        ),
      allowPartial: z
        .boolean()
        .default(false)
        .describe('Whether what the user may not see is left out with a warning; otherwise the backup fails.'),
      users: z
        .boolean()
        .default(false)
        .describe(
          'Whether users and roles of the server are backed up too, with the hashes of their passwords; a restore makes those that are missing.',
        ),
    })
    .refine(({ database, databases }) => (database === undefined) !== (databases === undefined), {
      path: ['database'],
      error: 'must be given, or "databases" instead',
    })
    .refine(({ host, sslMode }) => sslMode !== 'verify-full' || (isIP(host) === 0 && !host.startsWith('/')), {
      path: ['host'],
      // The client would look for the name "localhost" in the certificate instead.
      error: 'must be the name that its certificate is for, not an address, with "verify-full"',
    })
    .refine(({ databases, excludeDatabases }) => databases !== undefined || excludeDatabases === undefined, {
      path: ['excludeDatabases'],
      error: 'goes with "databases" only',
    }),
  async create(
    {
      password,
      sslRootCertificate,
      allowPartial,
      lockNonTransactional,
      users,
      database,
      databases,
      excludeDatabases,
      ...access
    },
    host,
  ) {
    const { MysqlSource } = await import('./mysql-source.ts');
    const choice = choiceOf(database, databases, excludeDatabases);
    return new MysqlSource(
      { ...access, password, sslRootCertificate },
      { choice, allowPartial, lockNonTransactional, users },
      host,
    );
  },
});
