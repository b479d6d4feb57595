/** The door through which every plugin comes in, built in or not. */
export { createPluginHost } from './plugins/host.ts';
export type { PluginHostOptions } from './plugins/host.ts';
export { loadPlugins } from './plugins/load.ts';
export { configurationJsonSchema } from './plugins/configuration.ts';
export type { JsonSchema } from './plugins/configuration.ts';
export type { LoadedPlugin, PluginOf, PluginRegistry } from './plugins/registry.ts';
