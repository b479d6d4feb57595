/** From the sealed bytes of a block to the checked plaintext of its chunks. */
import { release } from '../contracts/index.ts';
import { damaged } from './damage.ts';
import { objectKeys, type PackKind } from './format.ts';
import { asBuffer } from './bytes.ts';
import type { KeyedHasher } from './hashing.ts';
import type { RepositoryTools } from './opened-repository.ts';
import { asDamage } from './record.ts';
import { ObjectOpener } from './sealing.ts';

/** What of a block's location opening it takes. Plain data. */
export interface BlockToOpen {
  readonly pack: { readonly id: string; readonly kind: PackKind; readonly envelope: Uint8Array };
  readonly sequence: number;
  /** In the pack, for naming damage. */
  readonly offset: number;
  readonly storedLength: number;
  readonly rawLength: number;
  readonly codec: number;
}

/** Opens blocks; keeps the openers of the packs used last. */
export class BlockOpener {
  readonly #tools: RepositoryTools;
  readonly #openers = new Map<string, ObjectOpener>();

  constructor(tools: RepositoryTools) {
    this.#tools = tools;
  }

  /** The plaintext of a block; throws `REPOSITORY_DAMAGED` naming the pack and the block's offset. */
  open(block: BlockToOpen, sealed: Uint8Array): Uint8Array {
    const key = objectKeys.pack(block.pack.id);
    if (sealed.length !== block.storedLength) throw damaged(key, block.offset + sealed.length, 'it ends too early');
    try {
      const bytes = this.#opener(block.pack).open(sealed, block.sequence);
      const raw = this.#tools.codecs.decode(block.codec, bytes, block.rawLength);
      release(bytes, raw, sealed);
      return raw;
    } catch (error) {
      throw asDamage(error, key, block.offset);
    }
  }

  #opener(pack: BlockToOpen['pack']): ObjectOpener {
    let opener = this.#openers.get(pack.id);
    if (opener === undefined) {
      opener = new ObjectOpener(this.#tools.sealing, pack.kind, pack.envelope);
      if (this.#openers.size >= MOST_OPENERS) this.#openers.clear();
      this.#openers.set(pack.id, opener);
    }
    return opener;
  }
}

const MOST_OPENERS = 64;

/** A chunk out of an opened block, checked against its id. */
export function takeChunk(
  hasher: KeyedHasher,
  block: BlockToOpen,
  raw: Uint8Array,
  chunk: { readonly offset: number; readonly length: number },
  id: Uint8Array,
): Uint8Array {
  const bytes = raw.subarray(chunk.offset, chunk.offset + chunk.length);
  if (bytes.length !== chunk.length || !hasher.hash(bytes).equals(asBuffer(id))) {
    throw damaged(objectKeys.pack(block.pack.id), block.offset, 'a chunk is not what its id says');
  }
  return bytes;
}
