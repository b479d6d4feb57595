/** An SQLite database, backed up online. */
import { z } from 'zod';
import { defineSource } from '../../../src/contracts/index.ts';
import { SqliteSource } from './sqlite-source.ts';

export default defineSource({
  name: 'sqlite',
  version: '1.0.0',
  contractVersion: 1,
  description: 'An SQLite database, copied consistently while it is in use.',
  content: 'DATABASE',
  configuration: z.object({
    path: z.string().startsWith('/').max(4_096).describe('Absolute path of the database file.'),
  }),
  async create({ path }, host) {
    return new SqliteSource(path, host);
  },
});
