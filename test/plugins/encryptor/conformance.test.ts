import { builtInPlugins } from '../../../plugins/index.ts';
import { encryptorConformance } from '../../../src/contracts/testing/index.ts';

for (const plugin of builtInPlugins) {
  if (plugin.kind === 'encryptor') encryptorConformance(plugin.name, () => plugin.create({}));
}
