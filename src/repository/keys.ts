/** The keys of a repository, all derived from its master key (docs/format.md, "Keys"). */
import { hkdfSync } from 'node:crypto';

/** Keys of 32 bytes, each for one use. Plain data: they cross into the engine's own threads. */
export interface RepositoryKeys {
  readonly chunkId: Uint8Array;
  readonly gear: Uint8Array;
  readonly description: Uint8Array;
  /** The secret handed to the encryptor. */
  readonly objects: Uint8Array;
}

/** @param repositoryId 16 bytes */
export function deriveKeys(masterKey: Uint8Array, repositoryId: Uint8Array): RepositoryKeys {
  const derive = (use: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', masterKey, repositoryId, `strongroom/1 ${use}`, 32));
  return {
    chunkId: derive('chunk-id'),
    gear: derive('gear'),
    description: derive('description'),
    objects: derive('objects'),
  };
}
