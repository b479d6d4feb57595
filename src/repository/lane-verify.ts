/** A lane's look at a pack: every byte hashed, every block opened, every chunk compared with its id. */
import { release } from '../contracts/index.ts';
import type { StrongroomError } from '../errors.ts';
import { isDamage } from './damage.ts';
import { ID_BYTES } from './format.ts';
import { hashBytes, type KeyedHasher, toHex } from './hashing.ts';
import type { BlockDamage, BlockToVerify } from './lane-protocol.ts';
import { BlockOpener, takeChunk } from './open-block.ts';
import type { RepositoryTools } from './opened-repository.ts';

/** `sequence` of damage that is not in any of the blocks looked at. */
export const WHOLE_PACK = -1;

export class PackVerifier {
  readonly #opener: BlockOpener;
  readonly #hasher: KeyedHasher;

  constructor(tools: RepositoryTools, hasher: KeyedHasher) {
    this.#opener = new BlockOpener(tools);
    this.#hasher = hasher;
  }

  /** @param bytes the whole pack */
  verify(id: string, bytes: Uint8Array, blocks: readonly BlockToVerify[]): readonly BlockDamage[] {
    const damage: BlockDamage[] = [];
    for (const block of blocks) {
      try {
        this.#block(block, bytes);
      } catch (error) {
        if (!isDamage(error)) throw error;
        damage.push({ sequence: block.sequence, offset: block.offset, reason: reasonOf(error) });
      }
    }
    if (toHex(hashBytes(bytes)) !== id && damage.length === 0) {
      damage.push({ sequence: WHOLE_PACK, offset: 0, reason: 'its content is not what its name says' });
    }
    return damage;
  }

  #block(block: BlockToVerify, bytes: Uint8Array): void {
    const raw = this.#opener.open(block, bytes.subarray(block.offset, block.offset + block.storedLength));
    try {
      const { ids, places } = block;
      for (let chunk = 0; chunk * ID_BYTES < ids.length; chunk++) {
        const [offset = 0, length = 0] = places.subarray(chunk * 2, chunk * 2 + 2);
        takeChunk(this.#hasher, block, raw, { offset, length }, ids.subarray(chunk * ID_BYTES, (chunk + 1) * ID_BYTES));
      }
    } finally {
      release(raw, bytes);
    }
  }
}

const reasonOf = (error: StrongroomError): string => String(error.details['reason'] ?? error.message);
