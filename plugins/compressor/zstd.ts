/** Zstandard (RFC 8878): the default. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { defineCompressor } from '../../src/contracts/index.ts';
import { decodeExactly, outputChunk } from './memory.ts';

/** Smallest window that the format knows: 2^10 bytes. */
const MIN_WINDOW_LOG = 10;

const windowLog = (rawLength: number): number => Math.max(MIN_WINDOW_LOG, Math.ceil(Math.log2(Math.max(1, rawLength))));

export default defineCompressor({
  name: 'zstd',
  version: '1.0.0',
  contractVersion: 1,
  description: 'Zstandard: fast, and small enough for nearly everything.',
  configuration: z.strictObject({}),
  create: () => ({
    levels: { min: 1, max: 19, default: 3, fast: 1 },
    compress: (bytes, level) =>
      zstdCompressSync(bytes, {
        chunkSize: outputChunk(bytes.length),
        pledgedSrcSize: bytes.length,
        params: {
          // Matches from anywhere in the block, also at levels made for speed; and no more, which bounds the decoder too.
          [constants.ZSTD_c_windowLog]: windowLog(bytes.length),
          [constants.ZSTD_c_compressionLevel]: level,
          // The engine keeps the length and the seal proves the content: neither is stored twice.
          [constants.ZSTD_c_contentSizeFlag]: 0,
          [constants.ZSTD_c_checksumFlag]: 0,
        },
      }),
    decompress: (bytes, rawLength) =>
      decodeExactly(rawLength, (options) =>
        zstdDecompressSync(bytes, {
          ...options,
          // A frame that asks for a larger window than its block would make the decoder take that memory.
          params: { [constants.ZSTD_d_windowLogMax]: windowLog(rawLength) },
        }),
      ),
  }),
});
