/** Everything a plugin implements or needs; nothing else is for plugins to import, besides `errors.ts`. */
export * from './boot-id.ts';
export * from './compressor.ts';
export * from './copy-bytes.ts';
export * from './encryptor.ts';
export * from './entry.ts';
export * from './notifier.ts';
export * from './path-text.ts';
export * from './plugin.ts';
export * from './release.ts';
export * from './source.ts';
export * from './storage-key.ts';
export * from './storage.ts';
