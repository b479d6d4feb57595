/** AES-256-GCM: the default. */
import { z } from 'zod';
import { defineEncryptor } from '../../src/contracts/index.ts';
import { derivedKeyEncryptor } from './derived-key.ts';

export default defineEncryptor({
  name: 'aes-256-gcm',
  version: '1.0.0',
  contractVersion: 1,
  description: 'AES-256 in Galois/Counter Mode: the fastest where the processor has AES instructions.',
  configuration: z.strictObject({}),
  create: () => derivedKeyEncryptor('aes-256-gcm'),
});
