/** A PostgreSQL database, backed up by the server's own programs. */
import { z } from 'zod';
import { defineSource, secret } from '../../../src/contracts/index.ts';

const Name = z.string().min(1).max(63);

export default defineSource({
  name: 'postgres',
  version: '1.0.0',
  contractVersion: 1,
  description: 'A PostgreSQL database, dumped consistently while it is in use. Needs pg_dump and pg_restore.',
  content: 'DATABASE',
  configuration: z.object({
    host: z
      .string()
      .min(1)
      .max(255)
      .default('localhost')
      .describe('Name or address of the server, or the folder of its socket.'),
    port: z.int().min(1).max(65_535).default(5432).describe('Port of the server.'),
    database: Name.describe('Name of the database.'),
    user: Name.describe('User who may read all of the database, and create databases for restores.'),
    password: secret().optional().describe('Password of the user, where the server asks for one.'),
    sslMode: z
      .enum(['disable', 'prefer', 'require'])
      .default('prefer')
      .describe('Whether the connection is encrypted.'),
    maintenanceDatabase: Name.default('postgres').describe('Another database, to be connected to during a restore.'),
  }),
  async create({ password, ...access }, host) {
    const { PostgresSource } = await import('./postgres-source.ts');
    return new PostgresSource({ ...access, password }, host);
  },
});
