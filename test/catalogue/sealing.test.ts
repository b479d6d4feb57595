import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSealing } from '../../src/catalogue/sealing.ts';

const key = randomBytes(32);
const sealing = createSealing(key);
const place = 'source/1/secrets';
const unreadable = expect.objectContaining({ code: 'SECRETS_UNREADABLE' });

function refused(open: () => unknown): unknown {
  try {
    open();
  } catch (error) {
    return error;
  }
  throw new Error('It opened.');
}

describe('sealing', () => {
  test('opens what the same key sealed for the same place, after a restart too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plaintext, at) => {
        const sealed = sealing.seal(plaintext, at);
        expect(Buffer.from(createSealing(key).open(sealed, at))).toEqual(Buffer.from(plaintext));
      }),
    );
  });

  test('seals the same secret differently each time and shows nothing of it', () => {
    const secret = Buffer.from('correct horse battery staple');
    const [first, second] = [sealing.seal(secret, place), sealing.seal(secret, place)];
    expect(Buffer.from(first)).not.toEqual(Buffer.from(second));
    expect(Buffer.from(first).includes(secret)).toBe(false);
  });

  test('does not open with another key, for another row, or after any change', () => {
    const sealed = sealing.seal(Buffer.from('secret'), place);
    expect(refused(() => createSealing(randomBytes(32)).open(sealed, place))).toEqual(unreadable);
    expect(refused(() => sealing.open(sealed, 'source/2/secrets'))).toEqual(unreadable);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(refused(() => sealing.open(changed, place))).toEqual(unreadable);
      expect(refused(() => sealing.open(sealed.slice(0, at), place))).toEqual(unreadable);
    }
  });

  test('derives keys that belong to the instance and the purpose', () => {
    const links = Buffer.from(sealing.deriveKey('download links'));
    expect(links).toHaveLength(32);
    expect(links).toEqual(Buffer.from(createSealing(key).deriveKey('download links')));
    expect(links).not.toEqual(Buffer.from(sealing.deriveKey('other')));
    expect(links).not.toEqual(Buffer.from(createSealing(randomBytes(32)).deriveKey('download links')));
  });
});
