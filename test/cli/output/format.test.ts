import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatRelative,
  formatTime,
} from '../../../src/cli/output/format.ts';

test.each([
  [null, '-'],
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.98 KiB'],
  [1024, '1.00 KiB'],
  ['1572864', '1.50 MiB'],
  [1024 * 1024 - 1, '1.00 MiB'],
  ['107374182400', '100 GiB'],
  ['9223372036854775807', '8.00 EiB'],
])('bytes %s are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('counts have their thousands apart, beyond what a number holds', () => {
  expect(formatCount('9223372036854775807')).toBe('9,223,372,036,854,775,807');
  expect(formatCount(undefined)).toBe('-');
  expect(formatCounted('1', 'file')).toBe('1 file');
  expect(formatCounted(1200, 'file')).toBe('1,200 files');
});

test.each([
  [0.04, '0.0 s'],
  [3.21, '3.2 s'],
  [59.99, '1 min'],
  [61, '1 min 1 s'],
  [3660, '1 h 1 min'],
  [90_000, '1 d 1 h'],
  [Number.POSITIVE_INFINITY, '-'],
  [null, '-'],
])('%s seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

const now = new Date('2026-03-01T12:00:00Z');
test.each([
  ['2026-03-01T11:59:30Z', 'just now'],
  ['2026-03-01T11:58:00Z', '2 minutes ago'],
  ['2026-03-01T10:59:00Z', '1 hour ago'],
  ['2026-02-26T12:00:00Z', '3 days ago'],
  ['2026-03-31T12:00:00Z', 'in 1 month'],
])('%s is %s', (moment, text) => {
  expect(formatRelative(new Date(moment), now)).toBe(text);
});

test('times are absolute and relative', () => {
  expect(formatTime('2026-03-01T10:00:00.000Z', now)).toBe('2026-03-01 10:00:00 UTC (2 hours ago)');
  expect(formatTime(null, now)).toBe('-');
});
