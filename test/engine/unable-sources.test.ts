import { readFile, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { failureOf, makeBench } from '../support/engine-harness.ts';

it('is refused chosen tables of a source that knows no tables, and what it can not keep, before anything is changed', async () => {
  await using bench = await makeBench({ lanes: 1 });
  await bench.create();
  const path = bench.place.join('shop.sqlite');
  {
    using database = new DatabaseSync(path);
    database.exec('CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)');
  }
  const source = { name: 'shop', content: 'DATABASE', plugin: 'sqlite', configuration: { path } } as const;
  const { snapshotId } = await bench.backup([source]);
  await writeFile(path, 'as it is now');
  const inPlace = { sources: [source], target: { kind: 'inPlace' }, policy: 'OVERWRITE' } as const;
  for (const asked of [{ includeTables: ['orders'] }, { keepPrevious: true }]) {
    const input = bench.restoreInput(snapshotId, { ...inPlace, ...asked });
    expect((await failureOf(bench.engine.run('previewRestore', input))).code).toBe('RESTORE_TARGET_UNSUITABLE');
    expect((await failureOf(bench.engine.run('restore', input))).code).toBe('RESTORE_TARGET_UNSUITABLE');
    expect(await readFile(path, 'utf8')).toBe('as it is now');
  }
}, 60_000);
