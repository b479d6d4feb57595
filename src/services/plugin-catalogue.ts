/** The loaded plugins, for people and forms. */
import type { ContentKind, PluginKind } from '../contracts/index.ts';

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
