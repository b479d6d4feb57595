import { lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scan } from '../../plugins/source/directory/scan.ts';
import type { SourceEntry } from '../../src/contracts/index.ts';
import { Warnings } from '../../src/repository/index.ts';
import { backUp, makeRepository, readBack, rootEntry, withTinyChunks } from '../support/repository-harness.ts';
import { testContext } from '../support/source-harness.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

const changes = ['keep', 'keep', 'keep', 'rewrite', 'remove', 'rename', 'precede', 'replaceByLink'] as const;
const directories = ['a', 'a/b', 'c'];
const files = directories.flatMap((directory) =>
  Array.from({ length: 12 }, (_, index) => `${directory}/${index}-file`),
);

function plant(place: TempDir): void {
  for (const directory of directories) mkdirSync(place.join(directory));
  for (const file of files) writeFileSync(place.join(file), file.repeat(20));
  // Its list of chunks is folded.
  writeFileSync(place.join('long'), Buffer.alloc(1_200_000, 'not all the same '));
}

function apply(place: TempDir, file: string, change: (typeof changes)[number]): void {
  const path = place.join(file);
  if (change === 'rewrite') writeFileSync(path, `${file} anew`);
  if (change === 'remove' || change === 'replaceByLink') rmSync(path);
  if (change === 'replaceByLink') symlinkSync('anywhere', path);
  if (change === 'rename') renameSync(path, `${path}-renamed`);
  if (change === 'precede') writeFileSync(`${path.slice(0, -5)}!`, 'comes before');
}

describe('a backup against an earlier one', () => {
  it('has the very tree that one without has, whatever has changed in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...changes), { minLength: files.length, maxLength: files.length }),
        fc.constantFrom(...directories, undefined),
        async (changed, removed) => {
          await using place = await makeTempDir('unchanged');
          plant(place);
          await using context = await testContext();
          const read = () => scan({ root: Buffer.from(place.path) }, context);
          // Entries of directories lie across many chunks.
          const repository = withTinyChunks(await makeRepository());
          const parent = await backUp(repository, { files: read() });
          files.forEach((file, index) => apply(place, file, changed[index] ?? 'keep'));
          if (removed !== undefined) rmSync(place.join(removed), { recursive: true });
          const second = await backUp(repository, { files: read() }, { parent });
          const whole = await backUp(repository, { files: read() });
          expect(second.sources).toEqual(whole.sources);
          expect(whole.statistics.unchangedFiles).toBe(0);
          const kept = files.filter(
            (file, index) =>
              (changed[index] === 'keep' || changed[index] === 'precede') &&
              (removed === undefined || !file.startsWith(`${removed}/`)),
          );
          expect(second.statistics.unchangedFiles).toBe(kept.length + 1);
          expect((await readBack(repository, second.sources[0])).damage).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);
});

describe('attributes that a source has not read yet', () => {
  /** One file, with attributes that are counted when they are asked for. */
  async function* source(place: TempDir, attributes: () => Map<string, Uint8Array> | undefined | null) {
    const { mtimeNs, ctimeNs, ino } = lstatSync(place.join('file'), { bigint: true });
    const metadata = { mtimeNs, ctimeNs, inode: ino };
    const content = { file: Buffer.from(place.join('file')), size: 4 };
    const file: SourceEntry = { kind: 'file', path: Buffer.from('file'), metadata, content, attributes };
    yield [rootEntry, file];
  }

  it('are asked for where the file is new or changed, and else taken over', async () => {
    await using place = await makeTempDir('attributes');
    writeFileSync(place.join('file'), 'same');
    const repository = await makeRepository();
    let asked = 0;
    let note = 'first';
    const read = () => source(place, () => (asked++, new Map([['user.note', Buffer.from(note)]])));
    const first = await backUp(repository, { files: read() });
    expect(asked).toBe(1);
    note = 'never asked for';
    const second = await backUp(repository, { files: read() }, { parent: first });
    expect(asked).toBe(1);
    expect(second.statistics.unchangedFiles).toBe(1);
    expect(second.sources).toEqual(first.sources);
    writeFileSync(place.join('file'), 'news');
    const third = await backUp(repository, { files: read() }, { parent: second });
    expect(asked).toBe(2);
    expect(third.statistics.unchangedFiles).toBe(0);
  });

  it('that could not be read are asked for again', async () => {
    await using place = await makeTempDir('attributes');
    writeFileSync(place.join('file'), 'same');
    const repository = await makeRepository();
    const first = await backUp(repository, { files: source(place, () => null) });
    const second = await backUp(repository, { files: source(place, () => undefined) }, { parent: first });
    expect(second.statistics.unchangedFiles).toBe(0);
    const third = await backUp(repository, { files: source(place, () => null) }, { parent: second });
    expect(third.statistics.unchangedFiles).toBe(1);
  });

  it('beyond what the format holds are refused', async () => {
    await using place = await makeTempDir('attributes');
    writeFileSync(place.join('file'), 'same');
    const many = new Map(Array.from({ length: 1025 }, (_, index) => [`user.${index}`, Buffer.alloc(0)]));
    const warnings = new Warnings();
    const backup = backUp(await makeRepository(), { files: source(place, () => many) }, { warnings });
    await expect(backup).rejects.toMatchObject({ code: 'SOURCE_ENTRY_INVALID' });
  });
});
