/** A repository whose key is known: everything that reading and writing its objects takes. */
import type { Compressor, Encryptor, StorageTarget } from '../contracts/index.ts';
import { Codecs } from './codecs.ts';
import type { RepositoryDescription } from './description.ts';
import type { IndexCache } from './index-cache.ts';
import type { DerivedKey } from './key-slots.ts';
import { deriveKeys, type RepositoryKeys } from './keys.ts';
import type { SealingContext } from './sealing.ts';

/** Makes the plugins that a repository names; throws `REPOSITORY_CODEC` for one that is not loaded. */
export interface CodecSource {
  compressor(name: string, configuration: Readonly<Record<string, unknown>>): Compressor;
  encryptor(name: string, configuration: Readonly<Record<string, unknown>>): Encryptor;
}

/** What a thread needs to know of a repository to work for it. Plain data; holds keys, so it stays in memory. */
export interface RepositorySecrets {
  readonly description: RepositoryDescription;
  readonly keys: RepositoryKeys;
}

/** The codecs and seals of a repository as one thread uses them. */
export interface RepositoryTools extends RepositorySecrets {
  readonly sealing: SealingContext;
  readonly codecs: Codecs;
}

export interface OpenedRepository extends RepositoryTools {
  readonly storage: StorageTarget;
  /** The key slot that opened it. */
  readonly slot: string;
  /** Only where `storage` is not on this machine. */
  readonly indexCache?: IndexCache;
  /** What was derived from the passphrase for it; absent where another kind of key opened it. */
  readonly derived?: DerivedKey;
}

export const openSecrets = (description: RepositoryDescription, masterKey: Uint8Array): RepositorySecrets => ({
  description,
  keys: deriveKeys(masterKey, Buffer.from(description.id, 'hex')),
});

/** Throws `REPOSITORY_CODEC`. */
export function makeTools({ description, keys }: RepositorySecrets, source: CodecSource): RepositoryTools {
  const { codecs, compression, encryptor, id } = description;
  const compressors = codecs.map((name, position) =>
    position === 0 ? undefined : source.compressor(name, compression.configuration),
  );
  return {
    description,
    keys,
    sealing: {
      encryptor: source.encryptor(encryptor.name, encryptor.configuration),
      secret: keys.objects,
      repositoryId: Buffer.from(id, 'hex'),
    },
    codecs: new Codecs(compressors, compression.codec, compression.level),
  };
}
