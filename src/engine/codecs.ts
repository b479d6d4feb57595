/** Compressors and encryptors for the repository, out of loaded plugins. */
import { StrongroomError } from '../errors.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { CodecSource } from '../repository/index.ts';

/** Throws `REPOSITORY_CODEC` for a plugin that is not loaded. */
export const codecsOf = (plugins: PluginRegistry): CodecSource => ({
  compressor: (name, configuration) => {
    requireCodec(plugins, 'compressor', name);
    return plugins.get('compressor', name).create(plugins.configure('compressor', name, configuration));
  },
  encryptor: (name, configuration) => {
    requireCodec(plugins, 'encryptor', name);
    return plugins.get('encryptor', name).create(plugins.configure('encryptor', name, configuration));
  },
});

function requireCodec(plugins: PluginRegistry, kind: 'compressor' | 'encryptor', name: string): void {
  if (plugins.list(kind).some(({ plugin }) => plugin.name === name)) return;
  throw new StrongroomError('REPOSITORY_CODEC', { kind, name });
}
