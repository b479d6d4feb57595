/** Finds and imports the modules of plugins. */
import { createRequire, registerHooks } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from '../contracts/index.ts';
import { createRegistry } from './registry.ts';
import type { LoadedPlugin, PluginRegistry } from './registry.ts';
import { checkPlugin, invalid } from './shape.ts';

/** What plugins import by name, whatever is or is not installed beside them: this very copy of it. */
const offered: ReadonlyMap<string, string> = new Map([
  ['strongroom/contracts', new URL('../contracts/index.ts', import.meta.url).href],
  ['strongroom/errors', new URL('../errors.ts', import.meta.url).href],
]);

/** How Node resolves an import; `require.resolve` alone would miss packages that are for `import` only. */
const IMPORT_CONDITIONS = ['node', 'import', 'module-sync', 'default'];

/**
 * The plugins of `builtIn` and those of `modules`: npm packages, resolved from the working directory, or files (`.ts`, `.js`, `.mjs`)
 * by absolute path or by a path relative to the working directory that starts with `./` or `../`. To be called once a thread. Rejects
 * with `PLUGIN_INVALID`, `PLUGIN_CONTRACT` or `PLUGIN_DUPLICATE` on the first module that can't be taken.
 */
export async function load(builtIn: readonly Plugin[], modules: readonly string[]): Promise<PluginRegistry> {
  const loaded: LoadedPlugin[] = builtIn.map((plugin) => ({
    plugin: checkPlugin(plugin, `built in ${plugin.kind} ${plugin.name}`),
    module: 'built in',
    builtIn: true,
  }));
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const url = offered.get(specifier);
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
  });
  try {
    for (const module of modules) {
      loaded.push({ plugin: checkPlugin(await importDefault(module), module), module, builtIn: false });
    }
  } finally {
    hooks.deregister();
  }
  return createRegistry(loaded);
}

async function importDefault(module: string): Promise<unknown> {
  const file = locate(module);
  try {
    const exported: unknown = await import(pathToFileURL(file).href);
    return typeof exported === 'object' && exported !== null && 'default' in exported ? exported.default : undefined;
  } catch (error) {
    throw invalid(module, `importing it failed: ${reasonOf(error)}`, error);
  }
}

/** Absolute path of the file that `module` names. */
function locate(module: string): string {
  if (isAbsolute(module)) return module;
  if (/^\.\.?\//.test(module)) return resolve(module);
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, specifier === module ? { ...context, conditions: IMPORT_CONDITIONS } : context),
  });
  try {
    return createRequire(join(process.cwd(), 'any.js')).resolve(module);
  } catch (error) {
    const reason = `no npm package of that name is installed for ${process.cwd()}; install it there, or name a file by a path that starts with / or ./`;
    throw invalid(module, reason, error);
  } finally {
    hooks.deregister();
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
