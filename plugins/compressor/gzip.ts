/** DEFLATE in a gzip frame (RFC 1952): for tools that know nothing newer. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { defineCompressor } from '../../src/contracts/index.ts';
import { decodeExactly, outputChunk } from './memory.ts';

export default defineCompressor({
  name: 'gzip',
  version: '1.0.0',
  contractVersion: 1,
  description: 'DEFLATE: slower and larger than zstd, readable everywhere.',
  configuration: z.strictObject({}),
  create: () => ({
    levels: { min: 1, max: 9, default: 6, fast: 2 },
    compress: (bytes, level) => gzipSync(bytes, { level, chunkSize: outputChunk(bytes.length) }),
    decompress: (bytes, rawLength) => decodeExactly(rawLength, (options) => gunzipSync(bytes, options)),
  }),
});
