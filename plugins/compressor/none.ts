/** Stores blocks as they are. */
import { defineCompressor } from '../../src/contracts/index.ts';
import { z } from 'zod';
import { exactLength } from './memory.ts';

export default defineCompressor({
  name: 'none',
  version: '1.0.0',
  contractVersion: 1,
  description: 'Does not compress; for data that is compressed already.',
  configuration: z.strictObject({}),
  create: () => ({
    levels: { min: 0, max: 0, default: 0 },
    compress: (bytes) => bytes,
    decompress: (bytes, rawLength) => exactLength(bytes, rawLength),
  }),
});
