/** DEFLATE in a gzip frame (RFC 1952): for tools that know nothing newer. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { defineCompressor } from '../../src/contracts/index.ts';
import { decodeExactly } from './exact-length.ts';

export default defineCompressor({
  name: 'gzip',
  version: '1.0.0',
  contractVersion: 1,
  description: 'DEFLATE: slower and larger than zstd, readable everywhere.',
  configuration: z.strictObject({}),
  create: () => ({
    levels: { min: 1, max: 9, default: 6 },
    compress: (bytes, level) => gzipSync(bytes, { level, chunkSize: Math.max(64, bytes.length) }),
    decompress: (bytes, rawLength) =>
      decodeExactly(rawLength, (limit) =>
        gunzipSync(bytes, { maxOutputLength: limit, chunkSize: Math.max(64, limit) }),
      ),
  }),
});
