/** Conformance suites for authors of plugins: tests for vitest, one for each promise of a contract. */
export { compressorConformance } from './compressor.ts';
export { encryptorConformance } from './encryptor.ts';
export { storageConformance } from './storage.ts';
export type { StoragePlace } from './storage-place.ts';
