/** Brotli (RFC 7932): the smallest for text, slow at its high levels. */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { z } from 'zod';
import { defineCompressor } from '../../src/contracts/index.ts';
import { decodeExactly, outputChunk } from './memory.ts';

/** The window that holds a block of `length` bytes, as the format counts it: 2^10 to 2^24. */
const windowLog = (length: number): number =>
  Math.min(
    constants.BROTLI_MAX_WINDOW_BITS,
    Math.max(constants.BROTLI_MIN_WINDOW_BITS, Math.ceil(Math.log2(Math.max(1, length + 16)))),
  );

export default defineCompressor({
  name: 'brotli',
  version: '1.0.0',
  contractVersion: 1,
  description: 'Brotli: smaller than zstd for text, much slower to write.',
  configuration: z.strictObject({}),
  create: () => ({
    levels: { min: 0, max: 11, default: 5, fast: 2 },
    compress: (bytes, level) =>
      brotliCompressSync(bytes, {
        chunkSize: outputChunk(bytes.length),
        params: {
          [constants.BROTLI_PARAM_QUALITY]: level,
          [constants.BROTLI_PARAM_LGWIN]: windowLog(bytes.length),
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
    decompress: (bytes, rawLength) => decodeExactly(rawLength, (options) => brotliDecompressSync(bytes, options)),
  }),
});
