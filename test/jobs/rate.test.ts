import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Progress } from '../../src/engine/operations.ts';
import { createRateMeter } from '../../src/jobs/rate.ts';

const at = (bytesDone: number, bytesTotal?: number): Progress => ({
  phase: 'READING',
  itemsDone: 0,
  bytesDone,
  warningCount: 0,
  ...(bytesTotal !== undefined && { bytesTotal }),
});

describe('throughput', () => {
  test('is unknown before the first byte, then what was measured', () => {
    const meter = createRateMeter();
    expect(meter.measure(at(0, 1_000), 0)).not.toHaveProperty('bytesPerSecond');
    expect(meter.measure(at(0, 1_000), 60_000)).not.toHaveProperty('bytesPerSecond');
    const { bytesPerSecond, secondsLeft } = meter.measure(at(100, 1_000), 61_000);
    expect([bytesPerSecond, secondsLeft].map((value) => value?.toFixed(6))).toEqual(['100.000000', '9.000000']);
    expect(meter.measure(at(100), 61_000)).not.toHaveProperty('secondsLeft');
  });

  test('that does not change is told as it is, one that changes is followed calmly', () => {
    const meter = createRateMeter();
    for (let second = 0; second < 20; second++) meter.measure(at(second * 100), second * 1_000);
    expect(meter.measure(at(2_000), 20_000).bytesPerSecond).toBeCloseTo(100);
    const { bytesPerSecond = 0 } = meter.measure(at(3_000), 21_000);
    expect(bytesPerSecond).toBeGreaterThan(200);
    expect(bytesPerSecond).toBeLessThan(400);
  });

  test('begins anew when bytes go back, and is never negative', () => {
    const meter = createRateMeter();
    meter.measure(at(0), 0);
    meter.measure(at(500), 1_000);
    expect(meter.measure(at(10), 2_000).bytesPerSecond).toBeCloseTo(500);
    const steps = fc.array(fc.record({ bytes: fc.nat(1e12), ms: fc.nat(1e6) }), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (all) => {
        const any = createRateMeter();
        let now = 0;
        for (const { bytes, ms } of all) {
          const { bytesPerSecond = 0, secondsLeft = 0 } = any.measure(at(bytes, 1e12), (now += ms));
          expect(bytesPerSecond).toBeGreaterThanOrEqual(0);
          expect(secondsLeft).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(secondsLeft)).toBe(true);
        }
      }),
    );
  });

  test('tells no end for a run that stands still', () => {
    const meter = createRateMeter();
    meter.measure(at(0, 1_000), 0);
    meter.measure(at(100, 1_000), 1_000);
    expect(meter.measure(at(100, 1_000), 10_000_000)).not.toHaveProperty('secondsLeft');
  });

  test('cuts an item that is too long for a notification', () => {
    const { currentItem } = createRateMeter().measure({ ...at(0), currentItem: 'x'.repeat(100_000) }, 0);
    expect(currentItem).toHaveLength(1_000);
  });
});
