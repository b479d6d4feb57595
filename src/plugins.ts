/** The door through which every plugin comes in, built in or not. */
import { builtInPlugins } from '../plugins/index.ts';
import { load } from './plugins/load.ts';
import type { PluginRegistry } from './plugins/registry.ts';

export { createPluginHost } from './plugins/host.ts';
export type { PluginHostOptions } from './plugins/host.ts';
export { configurationJsonSchema } from './plugins/configuration.ts';
export type { JsonSchema } from './plugins/configuration.ts';
export type { LoadedPlugin, PluginOf, PluginRegistry } from './plugins/registry.ts';

/** Every built-in plugin and those of `modules`; see `load` for what modules are and what it rejects with. */
export const loadPlugins = (modules: readonly string[]): Promise<PluginRegistry> => load(builtInPlugins, modules);
