/** Plugins whose configurations have secrets at several places; the fake engine never makes them. */
import { z } from 'zod';
import { defineSource, defineStorage, secret, type ContentKind } from '../../../src/contracts/index.ts';
import { createRegistry, type PluginRegistry } from '../../../src/plugins/registry.ts';
import aes256Gcm from '../../../plugins/encryptor/aes-256-gcm.ts';
import noEncryption from '../../../plugins/encryptor/none.ts';
import zstd from '../../../plugins/compressor/zstd.ts';

const unused = (): Promise<never> => Promise.reject(new Error('Only the engine makes plugins.'));
const common = { version: '1.0.0', contractVersion: 1, description: 'For tests.' } as const;

const bucket = defineStorage({
  ...common,
  name: 'bucket',
  configuration: z.strictObject({
    address: z.string(),
    credentials: z.strictObject({ user: z.string(), token: secret() }),
  }),
  create: unused,
});

const source = (name: string, content: ContentKind) =>
  defineSource({
    ...common,
    name,
    content,
    configuration: z.strictObject({ place: z.string(), password: secret().optional(), size: z.number().optional() }),
    create: unused,
  });

export const testPlugins = (): PluginRegistry =>
  createRegistry(
    [
      bucket,
      source('database', 'DATABASE'),
      source('files', 'FILES'),
      source('settings', 'CONFIGURATION'),
      zstd,
      aes256Gcm,
      noEncryption,
    ].map((plugin) => ({ plugin, module: 'test', builtIn: plugin.version !== common.version })),
  );
