/** The loaded plugins, for people and forms. */
import type { ContentKind, PluginKind } from '../contracts/index.ts';
import { configurationJsonSchema } from '../plugins.ts';
import type { ServiceParts } from './deps.ts';

export interface PluginFacts {
  readonly kind: PluginKind;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly builtIn: boolean;
  /** Sources only. */
  readonly content?: ContentKind;
  /** JSON Schema of the configuration; secret fields are `writeOnly`. */
  readonly configurationSchema: Readonly<Record<string, unknown>>;
}

export interface PluginCatalogue {
  /** By kind, then name. */
  list(kind?: PluginKind): readonly PluginFacts[];
}

export const createPluginCatalogue = ({ plugins }: Pick<ServiceParts, 'plugins'>): PluginCatalogue => ({
  list: (kind) =>
    plugins.list(kind).map(({ plugin, builtIn }) => ({
      kind: plugin.kind,
      name: plugin.name,
      version: plugin.version,
      description: plugin.description,
      builtIn,
      ...(plugin.kind === 'source' && { content: plugin.content }),
      configurationSchema: configurationJsonSchema(plugin),
    })),
});
