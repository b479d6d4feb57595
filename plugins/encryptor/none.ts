/** Leaves blocks readable by everybody who can read the storage; damage is still found by the hashes above it. */
import { z } from 'zod';
import { defineEncryptor } from '../../src/contracts/index.ts';
import { StrongroomError } from '../../src/errors.ts';
import { sealGuard } from './seal-guard.ts';

export default defineEncryptor({
  name: 'none',
  version: '1.0.0',
  contractVersion: 1,
  description: 'Does not encrypt: only for storage that is private in itself, and for data that is public.',
  configuration: z.strictObject({}),
  create: () => ({
    overhead: 0,
    confidential: false,
    sealer() {
      const guard = sealGuard(0);
      return {
        envelope: new Uint8Array(0),
        seal(plaintext, sequence, _associated, out) {
          guard(plaintext, sequence, out);
          out.set(plaintext);
          return plaintext.length;
        },
      };
    },
    opener(_secret, envelope) {
      if (envelope.length > 0) throw new StrongroomError('BLOCK_UNREADABLE', { reason: 'its envelope is not empty' });
      return { open: (sealed) => Uint8Array.from(sealed) };
    },
  }),
});
