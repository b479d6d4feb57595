/** The loaded plugins. */
import type { Plugin, PluginKind } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { parseConfiguration } from './configuration.ts';

/** The plugins of one kind. */
export type PluginOf<K extends PluginKind> = Extract<Plugin, { readonly kind: K }>;

export interface LoadedPlugin {
  readonly plugin: Plugin;
  /** What it was loaded from, as the operator named it; `built in` for those that come with Strongroom. */
  readonly module: string;
  readonly builtIn: boolean;
}

export interface PluginRegistry {
  /** By kind, then name; all kinds when none is given. */
  list(kind?: PluginKind): readonly LoadedPlugin[];
  /** The plugin of that kind and name; throws `PLUGIN_UNKNOWN` with the names there are. */
  get<K extends PluginKind>(kind: K, name: string): PluginOf<K>;
  /**
   * Checks a configuration, fills in its defaults, and returns what the plugin's `create` takes. Throws `PLUGIN_UNKNOWN`,
   * or `INPUT_INVALID` naming the field as `configuration.<path>`; fields that the plugin does not know are refused.
   */
  configure(kind: PluginKind, name: string, configuration: unknown): Record<string, unknown>;
}

/** A registry of `plugins`. Throws `PLUGIN_DUPLICATE` if two of one kind share a name. */
export function createRegistry(plugins: readonly LoadedPlugin[]): PluginRegistry {
  const sorted = plugins.toSorted((a, b) => order(a.plugin, b.plugin));
  for (const [index, second] of sorted.entries()) {
    const first = sorted[index - 1];
    if (first !== undefined && order(first.plugin, second.plugin) === 0) throw duplicate(first, second);
  }
  const ofKind = (kind?: PluginKind): readonly LoadedPlugin[] =>
    kind === undefined ? sorted : sorted.filter(({ plugin }) => plugin.kind === kind);
  const get = <K extends PluginKind>(kind: K, name: string): PluginOf<K> => {
    const known = ofKind(kind).map(({ plugin }) => plugin);
    const found = known.find((plugin): plugin is PluginOf<K> => plugin.kind === kind && plugin.name === name);
    if (found !== undefined) return found;
    const names = known.map((plugin) => plugin.name).join(', ');
    throw new StrongroomError('PLUGIN_UNKNOWN', { kind, name: JSON.stringify(name), known: names || 'none' });
  };
  return {
    list: ofKind,
    get,
    configure: (kind, name, configuration) => parseConfiguration(get(kind, name), configuration),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const order = (a: Plugin, b: Plugin): number => compare(a.kind, b.kind) || compare(a.name, b.name);

const duplicate = (first: LoadedPlugin, second: LoadedPlugin): StrongroomError =>
  new StrongroomError('PLUGIN_DUPLICATE', {
    kind: first.plugin.kind,
    name: first.plugin.name,
    first: first.module,
    second: second.module,
  });
