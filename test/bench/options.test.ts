import { expect, it } from 'vitest';
import { readOptions } from '../../bench/options.ts';
import { scenarios } from '../../bench/scenarios/index.ts';

const chosen = (...args: string[]): readonly string[] => [...readOptions(args, scenarios).chosen.keys()];

it('runs all scenarios but the one of the levels', () => {
  expect(chosen()).toEqual([
    'mixed',
    'small-files',
    'stream',
    'incremental',
    'restore',
    'verify',
    'growth',
    'postgres',
    'mariadb',
  ]);
});

it('runs those that are named, in their own order', () => {
  expect(chosen('--only', 'levels', '--only', 'mixed')).toEqual(['mixed', 'levels']);
});

it('runs nothing where results are taken from files, unless it is named', () => {
  expect(chosen('--from', 'a.json')).toEqual([]);
  expect(chosen('--from', 'a.json', '--only', 'verify')).toEqual(['verify']);
});

it.each([
  [['--only', 'speed'], 'There is no scenario speed'],
  [['--rounds', '0'], '--rounds'],
  [['--rounds', '1.5'], '--rounds'],
  [['--scale', '2'], '--scale'],
  [['--scale', 'x'], '--scale'],
  [['--scale', '0.1', '--page'], '--page'],
])('refuses %j', (args, reason) => {
  expect(() => readOptions(args, scenarios)).toThrow(reason);
});
