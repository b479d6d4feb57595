import { builtInPlugins } from '../../../plugins/index.ts';
import { compressorConformance } from '../../../src/contracts/testing/index.ts';

for (const plugin of builtInPlugins) {
  if (plugin.kind === 'compressor') compressorConformance(plugin.name, () => plugin.create({}));
}
