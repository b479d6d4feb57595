/** The promises of the encryptor contract, as tests. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encryptor, Sealer } from '../index.ts';
import { codeThrownBy, noise, sameBytes } from './support.ts';

const LAST_SEQUENCE = 2 ** 32 - 1;
const ENVELOPE_LIMIT = 4096;
const secret = noise(32, 41);
const associated = noise(21, 42);

const bytes = fc.uint8Array({ maxLength: 2000 });
const sequences = fc.uniqueArray(fc.integer({ min: 0, max: LAST_SEQUENCE }), { minLength: 1, maxLength: 8 });

/** Declares the tests of an encryptor; `make` is called once, when they are declared. */
export function encryptorConformance(name: string, make: () => Encryptor): void {
  const encryptor = make();

  const sealed = (sealer: Sealer, plaintext: Uint8Array, sequence = 0, data = associated): Uint8Array => {
    const out = new Uint8Array(plaintext.length + encryptor.overhead);
    expect(sealer.seal(plaintext, sequence, data, out)).toBe(out.length);
    return out;
  };
  const opened = (envelope: Uint8Array, block: Uint8Array, sequence = 0, data = associated): Uint8Array =>
    encryptor.opener(secret, envelope).open(block, sequence, data);

  describe(`encryptor ${name} keeps the contract`, () => {
    it('states an overhead, and an envelope that fits an object header', () => {
      expect(Number.isInteger(encryptor.overhead)).toBe(true);
      expect(encryptor.overhead).toBeGreaterThanOrEqual(0);
      expect(encryptor.sealer(secret).envelope.length).toBeLessThanOrEqual(ENVELOPE_LIMIT);
    });

    it('opens what it sealed, in any order and again, and leaves its inputs alone', () => {
      fc.assert(
        fc.property(sequences, bytes, bytes, (numbers, plaintext, data) => {
          const inputs = [Uint8Array.from(plaintext), Uint8Array.from(data)] as const;
          const sealer = encryptor.sealer(secret);
          const ascending = numbers.toSorted((a, b) => a - b);
          const blocks = ascending.map((sequence) => [sequence, sealed(sealer, plaintext, sequence, data)] as const);
          const opener = encryptor.opener(secret, Uint8Array.from(sealer.envelope));
          for (const [sequence, block] of [...blocks.toReversed(), ...blocks]) {
            expect(sameBytes(opener.open(block, sequence, data), inputs[0])).toBe(true);
          }
          expect(sameBytes(plaintext, inputs[0]) && sameBytes(data, inputs[1])).toBe(true);
        }),
        { numRuns: 40 },
      );
    });

    it('takes the longest block, and parts of larger buffers', () => {
      const plaintext = noise(8 * 1024 * 1024 + 512 * 1024).subarray(5);
      const sealer = encryptor.sealer(secret);
      const block = sealed(sealer, plaintext);
      const within = Buffer.concat([noise(7), block, noise(9)]).subarray(7, 7 + block.length);
      expect(sameBytes(opened(sealer.envelope, within), plaintext)).toBe(true);
    });

    it('writes into a longer buffer no more than it says', () => {
      const plaintext = noise(100);
      const out = new Uint8Array(300).fill(0xee);
      const written = encryptor.sealer(secret).seal(plaintext, 0, associated, out);
      expect(written).toBe(100 + encryptor.overhead);
      expect(out.subarray(written).every((byte) => byte === 0xee)).toBe(true);
    });

    it('hands out plaintext that is the caller’s own', () => {
      const sealer = encryptor.sealer(secret);
      const plaintext = noise(64);
      const block = sealed(sealer, plaintext);
      opened(sealer.envelope, block).fill(0);
      expect(sameBytes(opened(sealer.envelope, block), plaintext)).toBe(true);
    });

    it('refuses to seal into too little room', () => {
      const out = new Uint8Array(100 + encryptor.overhead - 1);
      expect(() => encryptor.sealer(secret).seal(noise(100), 0, associated, out)).toThrow();
    });

    it('refuses to use a sequence twice, or one out of range', () => {
      const used = encryptor.sealer(secret);
      sealed(used, noise(10), 5);
      expect(() => sealed(used, noise(10), 5)).toThrow();
      for (const sequence of [-1, 0.5, LAST_SEQUENCE + 1, Number.NaN]) {
        expect(() => sealed(encryptor.sealer(secret), noise(10), sequence)).toThrow();
      }
    });

    it('refuses an envelope that is not of its scheme', () => {
      const { envelope } = encryptor.sealer(secret);
      for (const wrong of [Buffer.concat([envelope, Uint8Array.of(1)]), noise(envelope.length + 100)]) {
        expect(codeThrownBy(() => opened(wrong, noise(64)))).toBe('BLOCK_UNREADABLE');
      }
      if (envelope.length === 0) return;
      for (const wrong of [new Uint8Array(0), envelope.subarray(1)]) {
        expect(codeThrownBy(() => opened(wrong, noise(64)))).toBe('BLOCK_UNREADABLE');
      }
    });
  });

  if (encryptor.confidential) confidentialConformance(name, encryptor, sealed, opened);
}

/** What only a scheme that keeps secrets promises. */
function confidentialConformance(
  name: string,
  encryptor: Encryptor,
  sealed: (sealer: Sealer, plaintext: Uint8Array, sequence?: number, data?: Uint8Array) => Uint8Array,
  opened: (envelope: Uint8Array, block: Uint8Array, sequence?: number, data?: Uint8Array) => Uint8Array,
): void {
  describe(`encryptor ${name} keeps secrets and lets no damage through`, () => {
    it('refuses a flipped bit at any position of the block and of the envelope', () => {
      const sealer = encryptor.sealer(secret);
      const block = sealed(sealer, noise(40));
      for (const [target, open] of [
        [block, (wrong: Uint8Array) => opened(sealer.envelope, wrong)],
        [sealer.envelope, (wrong: Uint8Array) => opened(wrong, block)],
      ] as const) {
        for (let bit = 0; bit < target.length * 8; bit++)
          expect(codeThrownBy(() => open(flipped(target, bit)))).toBe('BLOCK_UNREADABLE');
      }
      expect(sameBytes(opened(sealer.envelope, block), noise(40))).toBe(true);
    });

    it('refuses flipped bits in blocks of any length', () => {
      fc.assert(
        fc.property(bytes, fc.nat(), (plaintext, position) => {
          const sealer = encryptor.sealer(secret);
          const block = sealed(sealer, plaintext);
          expect(codeThrownBy(() => opened(sealer.envelope, flipped(block, position % (block.length * 8))))).toBe(
            'BLOCK_UNREADABLE',
          );
        }),
        { numRuns: 60 },
      );
    });

    it('refuses a block cut short or made longer', () => {
      const sealer = encryptor.sealer(secret);
      const block = sealed(sealer, noise(40));
      for (let length = 0; length < block.length; length++)
        expect(codeThrownBy(() => opened(sealer.envelope, block.subarray(0, length)))).toBe('BLOCK_UNREADABLE');
      expect(codeThrownBy(() => opened(sealer.envelope, Buffer.concat([block, Uint8Array.of(0)])))).toBe(
        'BLOCK_UNREADABLE',
      );
    });

    it('refuses a block under another number, other associated data, another object or another secret', () => {
      const sealer = encryptor.sealer(secret);
      const block = sealed(sealer, noise(40), 3);
      expect(codeThrownBy(() => opened(sealer.envelope, block, 4))).toBe('BLOCK_UNREADABLE');
      expect(codeThrownBy(() => opened(sealer.envelope, block, 3, new Uint8Array(0)))).toBe('BLOCK_UNREADABLE');
      expect(codeThrownBy(() => opened(sealer.envelope, block, 3, Buffer.concat([associated, Uint8Array.of(0)])))).toBe(
        'BLOCK_UNREADABLE',
      );
      expect(codeThrownBy(() => opened(encryptor.sealer(secret).envelope, block, 3))).toBe('BLOCK_UNREADABLE');
      expect(codeThrownBy(() => encryptor.opener(noise(32, 43), sealer.envelope).open(block, 3, associated))).toBe(
        'BLOCK_UNREADABLE',
      );
    });

    it('makes another ciphertext each time, which shows nothing of the plaintext', () => {
      const plaintext = Buffer.from('strongroom '.repeat(20));
      const first = encryptor.sealer(secret);
      const blocks = [
        sealed(first, plaintext, 0),
        sealed(first, plaintext, 1),
        sealed(encryptor.sealer(secret), plaintext, 0),
      ];
      const texts = blocks.map((block) => Buffer.from(block).toString('latin1'));
      expect(new Set(texts).size).toBe(texts.length);
      for (const text of texts) expect(text.includes('strongroom')).toBe(false);
    });
  });
}

function flipped(original: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(original);
  const index = bit >>> 3;
  copy[index] = (copy[index] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
