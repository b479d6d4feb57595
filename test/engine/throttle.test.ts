import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Throttle } from '../../src/engine/throttle.ts';
import { manualTimer } from '../support/manual-timer.ts';

const MIB = 2 ** 20;

/** A throttle, and what went through it: when, and how many bytes. */
function setUp(rate?: number) {
  const timer = manualTimer();
  const throttle = new Throttle(timer);
  throttle.limit(rate);
  const gone: { readonly at: number; readonly bytes: number }[] = [];
  const ask = (bytes: number, owner: object = gone): void =>
    throttle.ask(owner, bytes, () => gone.push({ at: timer.now(), bytes }));
  const seconds = () => gone.map(({ at }) => Math.floor(at / 100) / 10);
  return { timer, throttle, gone, ask, seconds };
}

describe('a throttle', () => {
  it('lets an object through whole, and the next one once that is paid off', () => {
    const { timer, ask, seconds } = setUp(MIB);
    for (let count = 0; count < 3; count++) ask(16 * MIB);
    timer.advance(15_000);
    expect(seconds()).toEqual([0]);
    timer.advance(60_000);
    expect(seconds()).toEqual([0, 15.9, 31.9]);
  });

  it('never lets more through than its rate, and keeps nobody waiting for longer than that takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64 * 1024, max: 64 * MIB }),
        fc.array(fc.record({ bytes: fc.nat(16 * MIB), pause: fc.nat(3000) }), { minLength: 1, maxLength: 60 }),
        (rate, requests) => {
          const { timer, ask, gone } = setUp(rate);
          for (const { bytes, pause } of requests) {
            ask(bytes);
            timer.advance(pause);
          }
          const sum = requests.reduce((total, { bytes }) => total + bytes, 0);
          timer.advance((sum / rate) * 1000 + 1000);
          expect(gone.map(({ bytes }) => bytes)).toEqual(requests.map(({ bytes }) => bytes));
          for (const [first, { at: from }] of gone.entries()) {
            let through = 0;
            for (const { at, bytes } of gone.slice(first)) {
              // Before this one; it is let through whole.
              expect(through).toBeLessThanOrEqual(rate * ((at - from) / 1000 + 0.1) + 1);
              through += bytes;
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('heeds a change for those who wait already', () => {
    const { timer, throttle, ask, seconds } = setUp(MIB);
    ask(16 * MIB);
    ask(16 * MIB);
    ask(16 * MIB);
    timer.advance(8_000);
    throttle.limit(8 * MIB);
    timer.advance(950);
    expect(seconds()).toEqual([0, 8.9]);
    throttle.limit(undefined);
    expect(seconds()).toEqual([0, 8.9, 8.9]);
    expect(timer.nextIn).toBeUndefined();
  });

  it('takes what was moved beyond or short of the asking into account', () => {
    const { timer, throttle, ask, seconds } = setUp(MIB);
    ask(0);
    throttle.correct(2 * MIB);
    ask(4 * MIB);
    timer.advance(1_950);
    expect(seconds()).toEqual([0, 1.9]);
    throttle.correct(-4 * MIB);
    ask(1);
    expect(seconds()).toEqual([0, 1.9, 1.9]);
  });

  it('forgets who withdraws, and serves the others', () => {
    const { timer, throttle, ask, gone } = setUp(MIB);
    const leaver = {};
    ask(MIB);
    ask(100 * MIB, leaver);
    ask(2 * MIB);
    throttle.withdraw(leaver);
    timer.advance(950);
    expect(gone.map(({ bytes }) => bytes)).toEqual([MIB, 2 * MIB]);
  });
});
