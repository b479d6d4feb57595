/** The built-in compressors and encryptors: all that the threads need which only compress and seal. */
import type { Plugin } from '../src/contracts/index.ts';
import brotli from './compressor/brotli.ts';
import gzip from './compressor/gzip.ts';
import noCompression from './compressor/none.ts';
import zstd from './compressor/zstd.ts';
import aes256Gcm from './encryptor/aes-256-gcm.ts';
import chacha20Poly1305 from './encryptor/chacha20-poly1305.ts';
import noEncryption from './encryptor/none.ts';

export const builtInCodecs: readonly Plugin[] = [
  zstd,
  gzip,
  brotli,
  noCompression,
  aes256Gcm,
  chacha20Poly1305,
  noEncryption,
];
