/** What every sealer checks before it seals: a mistake here would give two blocks one nonce, which undoes the cipher. */
import { StrongroomError } from '../../src/errors.ts';

const MAX_SEQUENCE = 2 ** 32 - 1;

/** A caller's mistake. */
export const misuse = (reason: string): StrongroomError => new StrongroomError('INTERNAL', { reason });

/** Whether `sequence` can be the number of a block. */
export const isSequence = (sequence: number): boolean =>
  Number.isInteger(sequence) && sequence >= 0 && sequence <= MAX_SEQUENCE;

/**
 * A guard for one sealer, to be asked before each seal. Throws `INTERNAL` unless `sequence` is greater than all before it
 * and `out` has room for the plaintext and `overhead` bytes.
 */
export function sealGuard(overhead: number): (plaintext: Uint8Array, sequence: number, out: Uint8Array) => void {
  let last = -1;
  return (plaintext, sequence, out) => {
    if (!isSequence(sequence) || sequence <= last) {
      throw misuse(`a block was to be sealed as number ${sequence} after number ${last}`);
    }
    if (out.length < plaintext.length + overhead) {
      throw misuse(`a block of ${plaintext.length} bytes was to be sealed into ${out.length} bytes`);
    }
    last = sequence;
  };
}
