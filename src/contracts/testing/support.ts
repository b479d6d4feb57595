/** What the conformance suites share. */
import { expect } from 'vitest';

/** Bytes that look like noise and are the same for the same seed (xorshift32, Marsaglia 2003). */
export function noise(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (Math.imul(seed, 0x9e3779b9) ^ 0x2545f491) >>> 0 || 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Whether both hold the same bytes; vitest's own comparison takes seconds for megabytes. */
export const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

/** The code of an error of the catalogue, told by its behaviour; anything else fails the test. */
export function codeOf(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  throw new Error(`expected an error with a code, got: ${String(thrown)}`, { cause: thrown });
}

/** What `action` returns, or the code of what it throws. */
export function outcomeOf<T>(action: () => T): { readonly value: T } | { readonly code: string } {
  try {
    return { value: action() };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

/** Code of what `action` throws; fails the test if it does not throw. */
export function codeThrownBy(action: () => unknown): string {
  const outcome = outcomeOf(action);
  if ('code' in outcome) return outcome.code;
  return expect.fail('an error was expected');
}

/** Code of what `promise` rejects with; fails the test if it resolves. */
export async function codeRejectedBy(promise: Promise<unknown>): Promise<string> {
  const [result] = await Promise.allSettled([promise]);
  if (result?.status === 'rejected') return codeOf(result.reason);
  return expect.fail('an error was expected');
}
