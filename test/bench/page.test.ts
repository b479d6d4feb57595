import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { performancePage } from '../../bench/page.ts';
import { compare, type Row } from '../../bench/report.ts';
import { loadResults, type Results, rowsOf, saveResults } from '../../bench/results.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const order = ['mixed', 'verify', 'levels'];

const results = (rows: readonly Row[], changes: Partial<Results> = {}): Results => ({
  date: '2026-03-01',
  machine: {
    processor: 'Abacus 2000',
    cores: 2,
    memoryGB: 8,
    system: 'Debian, Linux 6.1',
    fileSystem: 'ext2/ext3',
    diskMBs: 500,
    versions: { node: '24.0.0', restic: '0.14.0' },
  },
  scale: 1,
  rows,
  ...changes,
});

const mixed = compare('mixed', 'time, s', [1, 1], { name: 'tar | zstd', values: [2, 2] }, 0.4);
const verify = compare('verify', 'time, s', [1], { name: 'restic', values: [4] }, 0.5);
const level = (title: string, seconds: number, megabytes: number): readonly Row[] => [
  compare('levels', `${title}: first backup, s`, [seconds], { name: 'auto', values: [4] }),
  compare('levels', `${title}: repository size, MB`, [megabytes], { name: 'auto', values: [200] }),
];

describe('the page', () => {
  const template = 'Words.\n\n{{summary}}\n{{machine}}\n{{results}}\n{{levels}}\nMore words.\n';

  it('has every row with its verdict, the machine and the template around them', () => {
    const page = performancePage(template, [results([verify, mixed])], order);
    expect(page).toMatch(/^Words\.\n/);
    expect(page).toMatch(/\nMore words\.\n$/);
    expect(page).toContain('Measured on 2026-03-01. Of 2 targets 1 are met.');
    expect(page).toContain('| processor | Abacus 2000 |');
    expect(page).toContain('500 MB/s');
    expect(page).toContain('| restic | 0.14.0 |');
    expect(page.split('\n').filter((line) => /^\| (mixed|verify) /.test(line))).toEqual([
      String.raw`| mixed | time, s | 1.00 | 1.00–1.00 | tar \| zstd | 2.00 | 2.00–2.00 | 0.50 | 0.50–0.50 | ≤ 0.4 | missed | 2 |`,
      '| verify | time, s | 1.00 | 1.00–1.00 | restic | 4.00 | 4.00–4.00 | 0.25 | 0.25–0.25 | ≤ 0.5 | met | 1 |',
    ]);
    expect(page).toContain('Not measured this time.');
  });

  it('shows the levels in a table of their own, a line each', () => {
    const rows = [...level('auto', 4, 200), ...level('zstd 19', 40, 150)];
    const page = performancePage(template, [results([mixed, ...rows])], order);
    expect(page).toContain('| zstd 19 | 40.00 | 10.00 | 150.00 | 0.75 |\n');
    expect(page).not.toContain('| levels |');
  });

  it('puts runs together, the latest of each scenario', () => {
    const again = compare('mixed', 'time, s', [3], { name: 'tar | zstd', values: [4] }, 0.9);
    const later = results([again], { date: '2026-03-04' });
    later.machine.diskMBs = 510;
    const page = performancePage(template, [results([mixed, verify]), later], order);
    expect(page).toContain('Measured from 2026-03-01 to 2026-03-04. Of 2 targets 2 are met.');
    expect(page.match(/^\| mixed /gm)).toHaveLength(1);
  });

  it('refuses results that can not be shown together', () => {
    const other = results([mixed]);
    other.machine.versions['restic'] = '0.18.0';
    expect(() => performancePage(template, [results([verify]), other], order)).toThrow('different');
    expect(() => performancePage(template, [results([verify], { scale: 0.5 })], order)).toThrow('--scale');
    expect(() => performancePage('{{resluts}}\n', [results([verify])], order)).toThrow('resluts');
    expect(() => performancePage(template, [], order)).toThrow('no results');
  });

  it('has a template without unknown marks', async () => {
    const real = await readFile(new URL('../../bench/performance.template.md', import.meta.url), 'utf8');
    const page = performancePage(real, [results([mixed, ...level('auto', 4, 200)])], order);
    expect(page).not.toContain('{{');
    expect(page).toContain('Abacus 2000');
    expect(page).toContain('| auto | 4.00 |');
    expect(page).toContain('missed');
  });
});

describe('saved results', () => {
  it('are what was saved', async () => {
    await using directory = await makeTempDir('results');
    await saveResults(directory.join('a.json'), results([mixed, verify]));
    const loaded = await loadResults(directory.join('a.json'));
    expect(loaded).toEqual(results([mixed, verify]));
    expect(rowsOf([loaded], order)).toEqual([mixed, verify]);
  });

  it('are refused by the name of their file where they are something else', async () => {
    await using directory = await makeTempDir('results');
    await writeFile(directory.join('b.json'), '{"rows": [{"scenario": "mixed"}]}');
    await expect(loadResults(directory.join('b.json'))).rejects.toThrow('b.json holds no results');
  });
});
