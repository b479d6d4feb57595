/** Quantities as people read them. */

/** A count or an amount of bytes as the API sends it: a number, or a decimal string past 2^31. */
export type Quantity = number | string | null | undefined;

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** Bytes in binary units with three digits: `1.50 MiB`; `-` when unknown. */
export function formatBytes(bytes: Quantity): string {
  if (bytes === null || bytes === undefined) return '-';
  let value = Number(bytes);
  let unit = 0;
  // 999.5 would be shown as 1000: it already belongs to the next unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return `${value} B`;
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${units[unit] ?? ''}`;
}

/** A limit on bytes a second: `10.0 MiB/s`; `none` when there is none. */
export const formatRateLimit = (limit: Quantity): string =>
  limit === null || limit === undefined ? 'none' : `${formatBytes(limit)}/s`;

/** A count with its thousands apart: `12,345`; `-` when unknown. */
export const formatCount = (count: Quantity): string =>
  count === null || count === undefined ? '-' : BigInt(count).toLocaleString('en-US');

/** A count with its noun: `1 file`, `1,200 files`. */
export const formatCounted = (count: Quantity, noun: string): string =>
  `${formatCount(count)} ${noun}${Number(count) === 1 ? '' : 's'}`;

/** Seconds as the two largest units: `1 h 5 min`, `3.2 s`; `-` when unknown. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '-';
  if (seconds < 59.95) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const parts: readonly [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

const ages: readonly (readonly [number, string])[] = [
  [86_400 * 365, 'year'],
  [86_400 * 30, 'month'],
  [86_400 * 7, 'week'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** A moment against now: `2 hours ago`, `in 3 days`, `just now`. */
export function formatRelative(moment: Date, now: Date): string {
  const seconds = (now.getTime() - moment.getTime()) / 1000;
  const [size, unit] = ages.find(([least]) => Math.abs(seconds) >= least) ?? [0, ''];
  if (size === 0) return 'just now';
  const amount = Math.floor(Math.abs(seconds) / size);
  const words = `${amount} ${unit}${amount === 1 ? '' : 's'}`;
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}

/** A moment in UTC: `2026-11-23 08:15:00 UTC`. */
export const formatMoment = (moment: Date): string => `${moment.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A moment, absolute and relative; `-` when there is none. */
export function formatTime(moment: string | null | undefined, now: Date): string {
  if (moment === null || moment === undefined) return '-';
  const date = new Date(moment);
  return `${formatMoment(date)} (${formatRelative(date, now)})`;
}

/** A constant of the API in words: `IN_PLACE` as `in place`. */
export const formatWord = (constant: string): string => constant.toLowerCase().replaceAll('_', ' ');
