import { createPluginHost, loadPlugins } from '../../../src/plugins.ts';
import { storageConformance } from '../../../src/contracts/testing/index.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

const registry = await loadPlugins(['./test/fixtures/plugins/sqlite-storage.ts']);

storageConformance('of the guide, loaded from a file', async () => {
  const folder = await makeTempDir('example');
  const host = createPluginHost({ roots: [folder.path], dataDir: folder.join('data') });
  const configuration = registry.configure('storage', 'sqlite-file', { path: folder.join('objects.db') });
  return {
    open: () => registry.get('storage', 'sqlite-file').create(configuration, host),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});
