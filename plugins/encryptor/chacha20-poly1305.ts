/** ChaCha20-Poly1305 (RFC 8439). */
import { z } from 'zod';
import { defineEncryptor } from '../../src/contracts/index.ts';
import { derivedKeyEncryptor } from './derived-key.ts';

export default defineEncryptor({
  name: 'chacha20-poly1305',
  version: '1.0.0',
  contractVersion: 1,
  description: 'ChaCha20-Poly1305: the fastest where the processor has no AES instructions.',
  configuration: z.strictObject({}),
  create: () => derivedKeyEncryptor('chacha20-poly1305'),
});
