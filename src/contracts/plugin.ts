/** How a plugin introduces itself: its module's default export is made by one of the `define…` functions. */
import { z } from 'zod';
import type { Compressor } from './compressor.ts';
import type { Encryptor } from './encryptor.ts';
import type { ContentKind } from './entry.ts';
import type { Notifier } from './notifier.ts';
import type { Source } from './source.ts';
import type { StorageTarget } from './storage.ts';

/** The zod of this Strongroom, so that plugins need none of their own. */
export { z };

/** Raised whenever a contract changes so that older plugins would break; a plugin states the one it was written for. */
export const CONTRACT_VERSION = 1;

/** What a plugin gets from the host when it is made. */
export interface PluginHost {
  /**
   * Resolves `path` and proves that it lies below one of the roots the operator allows for sources and restores,
   * links followed; throws `PATH_NOT_ALLOWED` otherwise. For plugins that touch local files on a user's word.
   */
  allowedPath(path: string): Promise<string>;
  /**
   * Real path of the folder with the service's own data, its keys among them; sources that read whole trees leave it out.
   * Absent where there is none.
   */
  ownData?(): Promise<string | undefined>;
}

interface PluginBase<Kind extends string, Schema extends z.ZodObject> {
  readonly kind: Kind;
  /** Unique among the plugins of its kind: lower case letters, digits and dashes. */
  readonly name: string;
  /** The plugin's own version, for people. */
  readonly version: string;
  readonly contractVersion: typeof CONTRACT_VERSION;
  /** One sentence for people who choose among plugins. */
  readonly description: string;
  /** The plugin's configuration. Describe each field with `.describe()`; mark secret ones by making them with `secret()`. */
  readonly configuration: Schema;
}

/** Stored and returned by nobody but the plugin: sealed in the catalogue, never in an API answer. */
export const secret = (): z.ZodString => z.string().min(1).meta({ writeOnly: true });

export interface StoragePlugin<S extends z.ZodObject = z.ZodObject> extends PluginBase<'storage', S> {
  create(configuration: z.output<S>, host: PluginHost): Promise<StorageTarget>;
}
export interface CompressorPlugin<S extends z.ZodObject = z.ZodObject> extends PluginBase<'compressor', S> {
  create(configuration: z.output<S>): Compressor;
}
export interface EncryptorPlugin<S extends z.ZodObject = z.ZodObject> extends PluginBase<'encryptor', S> {
  create(configuration: z.output<S>): Encryptor;
}
export interface SourcePlugin<S extends z.ZodObject = z.ZodObject> extends PluginBase<'source', S> {
  /** The kind of content every source of this plugin holds. */
  readonly content: ContentKind;
  create(configuration: z.output<S>, host: PluginHost): Promise<Source>;
}
export interface NotifierPlugin<S extends z.ZodObject = z.ZodObject> extends PluginBase<'notifier', S> {
  create(configuration: z.output<S>): Promise<Notifier>;
}

export type Plugin = StoragePlugin | CompressorPlugin | EncryptorPlugin | SourcePlugin | NotifierPlugin;
export type PluginKind = Plugin['kind'];

type Definition<P extends Plugin> = Omit<P, 'kind'>;

/** Makes the default export of a storage plugin's module. */
export const defineStorage = <S extends z.ZodObject>(plugin: Definition<StoragePlugin<S>>): StoragePlugin<S> => ({
  ...plugin,
  kind: 'storage',
});
/** Makes the default export of a compressor plugin's module. */
export const defineCompressor = <S extends z.ZodObject>(
  plugin: Definition<CompressorPlugin<S>>,
): CompressorPlugin<S> => ({ ...plugin, kind: 'compressor' });
/** Makes the default export of an encryptor plugin's module. */
export const defineEncryptor = <S extends z.ZodObject>(plugin: Definition<EncryptorPlugin<S>>): EncryptorPlugin<S> => ({
  ...plugin,
  kind: 'encryptor',
});
/** Makes the default export of a source plugin's module. */
export const defineSource = <S extends z.ZodObject>(plugin: Definition<SourcePlugin<S>>): SourcePlugin<S> => ({
  ...plugin,
  kind: 'source',
});
/** Makes the default export of a notifier plugin's module. */
export const defineNotifier = <S extends z.ZodObject>(plugin: Definition<NotifierPlugin<S>>): NotifierPlugin<S> => ({
  ...plugin,
  kind: 'notifier',
});
