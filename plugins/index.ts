/** The plugins that come with Strongroom: an explicit list, in the order in which they are shown. */
import type { Plugin } from '../src/contracts/index.ts';
import brotli from './compressor/brotli.ts';
import gzip from './compressor/gzip.ts';
import noCompression from './compressor/none.ts';
import zstd from './compressor/zstd.ts';
import aes256Gcm from './encryptor/aes-256-gcm.ts';
import chacha20Poly1305 from './encryptor/chacha20-poly1305.ts';
import noEncryption from './encryptor/none.ts';
import configuration from './source/configuration/index.ts';
import directory from './source/directory/index.ts';
import postgres from './source/postgres/index.ts';
import sqlite from './source/sqlite/index.ts';
import filesystem from './storage/filesystem.ts';

export const builtInPlugins: readonly Plugin[] = [
  filesystem,
  zstd,
  gzip,
  brotli,
  noCompression,
  aes256Gcm,
  chacha20Poly1305,
  noEncryption,
  directory,
  configuration,
  sqlite,
  postgres,
];
