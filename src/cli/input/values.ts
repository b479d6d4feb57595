/** Values of options, read from their text; commander reports what is thrown as wrong usage. */
import { InvalidArgumentError, Option } from 'commander';
import { StrongroomError } from '../../errors.ts';

/** A label as the API takes it. */
export interface Label {
  readonly key: string;
  readonly value: string;
}

/** Collects an option that may be given several times. */
export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

/** A whole number of at least `least`. */
export const wholeNumber =
  (least: number, most: number = 2_147_483_647) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/u.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number of ${least} to ${most}.`);
    }
    return value;
  };

/** A whole number of at least 1, or `none`, which the API takes as 0. */
export const countOrNone =
  (most: number) =>
  (text: string): number =>
    text.toLowerCase() === 'none' ? 0 : wholeNumber(1, most)(text);

const bytesPer: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes a second: `10MiB/s`, `500 kB`, or a plain number of bytes; `none`, which the API takes as 0. */
export function byteRate(text: string): string {
  if (text.toLowerCase() === 'none') return '0';
  const match = /^(\d{1,12}(?:\.\d{1,6})?) ?([kmg]i?b|b)?(?:\/s)?$/u.exec(text.toLowerCase());
  const value = Math.round(Number(match?.[1]) * (bytesPer[match?.[2] ?? 'b'] ?? 1));
  if (match === null || value < 1)
    throw new InvalidArgumentError('It must be a speed such as 10MiB/s or 500kB/s, or none.');
  return String(value);
}

const daysPer: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };

/** A time in days: `30d`, `4w`, `6m`, `1y`, or a plain number of days. */
export function days(text: string): number {
  const match = /^(\d{1,5})([dwmy])?$/u.exec(text);
  const value = Number(match?.[1]) * (daysPer[match?.[2] ?? 'd'] ?? 1);
  if (match === null || value < 1 || value > 36_500) {
    throw new InvalidArgumentError('It must be a time such as 30d, 4w, 6m or 1y.');
  }
  return value;
}

/** A time in hours: `12h`, `7d`, or a plain number of hours; at most a year. */
export function hours(text: string): number {
  const match = /^(\d{1,4})([hd])?$/u.exec(text);
  const value = Number(match?.[1]) * (match?.[2] === 'd' ? 24 : 1);
  if (match === null || value < 1 || value > 8_760) {
    throw new InvalidArgumentError('It must be a time such as 12h or 7d, at most a year.');
  }
  return value;
}

/** Collects labels: `key=value`. */
export function labels(text: string, previous: readonly Label[] = []): readonly Label[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be key=value.');
  return [...previous, { key: text.slice(0, at), value: text.slice(at + 1) }];
}

/** The address of a server. The error leaves it out: a password may have been written into it. */
export function serverAddress(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new StrongroomError('USAGE', { reason: '--url must look like http://host:port', command: 'strongroom' });
  }
  return text;
}

/** One of the constants, written in any case, with dashes for underscores: `in-place` for `IN_PLACE`. */
export const constant =
  <Name extends string>(names: readonly Name[]) =>
  (text: string): Name => {
    const wanted = text.toUpperCase().replaceAll('-', '_');
    const found = names.find((name) => name === wanted);
    if (found === undefined) {
      throw new InvalidArgumentError(`It must be one of ${names.map(spelled).join(', ')}.`);
    }
    return found;
  };

/** A constant as it is typed. */
export const spelled = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** An option that takes one of the constants, with what it is otherwise. */
export const choice = (flags: string, description: string, names: readonly string[], otherwise: string): Option =>
  new Option(flags, description).argParser(constant(names)).default(otherwise, spelled(otherwise));
