/** An SQLite database, backed up online. */
import { z } from 'zod';
import { defineSource } from '../../../src/contracts/index.ts';

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
    const { SqliteSource } = await import('./sqlite-source.ts');
    return new SqliteSource(path, host);
  },
});
