import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compare, isMet, median, printTable, rowCells } from '../../bench/report.ts';
import { ITSELF, OURS, Samples } from '../../bench/samples.ts';

it.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('takes the median of %j', (values, expected) => {
  expect(median(values)).toBe(expected);
});

it('compares medians, and shows the ratios of the single rounds', () => {
  const row = compare('mixed', 'first backup, s', [2, 4, 3], { name: 'restic', values: [8, 8, 10] }, 0.4);
  expect(row).toMatchObject({ against: 'restic', ours: 3, theirs: 8, ratio: 0.375, target: 0.4 });
  expect(rowCells(row)).toEqual([
    'mixed',
    'first backup, s',
    '3.00',
    '2.00–4.00',
    'restic',
    '8.00',
    '8.00–10.00',
    '0.38',
    '0.25–0.50',
    '≤ 0.4',
    'met',
  ]);
});

it('keeps the ratio of the medians between the ratios of the rounds', () => {
  const amount = fc.double({ min: 0.1, max: 100, noNaN: true });
  const rounds = fc.array(fc.tuple(amount, amount), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(rounds, (pairs) => {
      const ours = pairs.map(([mine]) => mine);
      const values = pairs.map(([, other]) => other);
      const ratio = compare('s', 'm', ours, { name: 'peer', values }).ratio ?? Number.NaN;
      const ratios = pairs.map(([mine, other]) => mine / other);
      expect(ratio).toBeGreaterThanOrEqual(Math.min(...ratios) - 0.001);
      expect(ratio).toBeLessThanOrEqual(Math.max(...ratios) + 0.001);
    }),
  );
});

it.each([
  ['the ratio where there is a peer', compare('s', 'm', [5], { name: 'peer', values: [10] }, 0.5), true],
  ['a ratio that is too large', compare('s', 'm', [5.1], { name: 'peer', values: [10] }, 0.5), false],
  ['the amount where there is none', compare('s', 'm', [400], undefined, 400), true],
  ['an amount that is too large', compare('s', 'm', [401], undefined, 400), false],
  ['nothing where nothing is promised', compare('s', 'm', [401]), undefined],
])('holds against the target %s', (_what, row, expected) => {
  expect(isMet(row)).toBe(expected);
});

it('lines the columns of the table up', () => {
  const lines = printTable([compare('mixed', 'a', [1]), compare('growth', 'longer', [1000])])
    .trimEnd()
    .split('\n');
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines).toHaveLength(4);
});

it('makes a row for each peer of a measure, with its own target', () => {
  const told: string[] = [];
  const samples = new Samples('mixed', (text) => told.push(text));
  for (const [tool, value] of [
    [OURS, 1],
    ['restic', 4],
    ['borg', 8],
    ['borg', 10],
    [OURS, 3],
    ['restic', 4],
  ] as const)
    samples.add('time, s', tool, value);
  expect(samples.against('time, s', { restic: 0.5 })).toMatchObject([
    { against: 'restic', ours: 2, theirs: 4, ratio: 0.5, target: 0.5, samples: { ours: [1, 3], theirs: [4, 4] } },
    { against: 'borg', ours: 2, theirs: 9, target: null },
  ]);
  expect(told[1]).toBe('mixed: restic: time, s: 4.00');
});

it('shows ours alone, and promises nothing, where no peer is installed', () => {
  const samples = new Samples('mixed', () => undefined);
  samples.add('time, s', OURS, 1);
  expect(samples.against('time, s', { restic: 0.5, [ITSELF]: 2 })).toMatchObject([
    { against: null, ours: 1, theirs: null, ratio: null, target: null },
  ]);
});
