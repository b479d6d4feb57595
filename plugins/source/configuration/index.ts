/** Named files and folders of an application: settings, environment files, certificates. */
import { z } from 'zod';
import { defineSource } from '../../../src/contracts/index.ts';
import { ConfigurationSource } from './configuration-source.ts';

const AbsolutePath = z
  .string()
  .max(4_096)
  .regex(/^\/(?:[^/\0]+\/)*[^/\0]+\/?$/, 'must be an absolute path')
  .refine((path) => !path.split('/').some((segment) => segment === '.' || segment === '..'), 'must not hold . or ..')
  .transform((path) => path.replace(/\/$/, ''));

export default defineSource({
  name: 'configuration',
  version: '1.0.0',
  contractVersion: 1,
  description: 'Named files and folders of an application, environment files included.',
  content: 'CONFIGURATION',
  configuration: z.object({
    root: AbsolutePath.optional().describe(
      'Directory that all paths lie below. Change it to restore in place elsewhere; without it paths are kept as absolute ones.',
    ),
    paths: z.array(AbsolutePath).min(1).max(1_000).describe('Absolute paths of files and folders.'),
  }),
  async create({ root, paths }, host) {
    return new ConfigurationSource({ root, paths, host });
  },
});
