/** MariaDB and MySQL databases. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { defineSource } from '../../../src/contracts/index.ts';
import { choiceFields, connectionFields, EXCLUDES_OF_PATTERNS, ONE_CHOICE } from '../database/configuration.ts';
import { choiceOf } from '../database/database-choice.ts';

const Name = z.string().min(1).max(64);

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
      ...choiceFields(64, "the server's own"),
      user: Name.describe(
        'User with the rights SELECT, SHOW VIEW, TRIGGER, EVENT and RELOAD; for restores with all rights.',
      ),
      ...connectionFields,
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
    .refine(...ONE_CHOICE)
    .refine(({ host, sslMode }) => sslMode !== 'verify-full' || (isIP(host) === 0 && !host.startsWith('/')), {
      path: ['host'],
      // The client would look for the name "localhost" in the certificate instead.
      error: 'must be the name that its certificate is for, not an address, with "verify-full"',
    })
    .refine(...EXCLUDES_OF_PATTERNS),
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
