import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import directory from '../../../plugins/source/directory/index.ts';
import type { ConflictPolicy, PreviewItem, RestoreTarget } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { hundredFiles } from '../../fixtures/source/hundred-files.ts';
import { bringBack, describeTree, openHost, testContext } from '../../support/source-harness.ts';
import type { KeptEntry, TestContext, Trouble } from '../../support/source-harness.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

const kept = (kind: KeptEntry['kind'], path: string | Buffer, content = '', target?: string): KeptEntry => ({
  kind,
  path: Buffer.from(path),
  metadata: { mode: kind === 'directory' ? 0o750 : 0o640, mtimeNs: 1_600_000_000_000_000_007n },
  size: content.length,
  content: Buffer.from(content),
  ...(target === undefined ? {} : { target: Buffer.from(target) }),
});
const folder = (path: string): KeptEntry => kept('directory', path);
const file = (path: string | Buffer, content = 'restored'): KeptEntry => kept('file', path, content);
const link = (path: string, target: string): KeptEntry => kept('symlink', path, '', target);
const root = folder('');

interface Options {
  policy?: ConflictPolicy;
  trouble?: Trouble;
  signal?: AbortSignal;
  target?: RestoreTarget;
}

async function restore(path: string, entries: readonly KeptEntry[], options: Options = {}): Promise<TestContext> {
  const { policy = 'FAIL', trouble, signal, target = { kind: 'inPlace' } } = options;
  await using context = await testContext(signal === undefined ? {} : { signal });
  await using source = await directory.create(directory.configuration.parse({ path }), openHost);
  await source.restore(bringBack(entries, trouble), { target, policy }, context);
  return context;
}

async function preview(path: string, entries: readonly KeptEntry[], policy: ConflictPolicy): Promise<PreviewItem[]> {
  await using context = await testContext();
  await using source = await directory.create(directory.configuration.parse({ path }), openHost);
  return await Array.fromAsync(source.preview(bringBack(entries), { target: { kind: 'inPlace' }, policy }, context));
}

const text = (path: string): string => readFileSync(path, 'utf8');
const codes = (context: TestContext): string[] => context.warnings.map(({ code, subject }) => `${code} ${subject}`);

describe('restoring files', () => {
  test('makes the target and the directories above it', async () => {
    await using place = await makeTempDir('restore');
    const target: RestoreTarget = { kind: 'directory', path: place.join('new/files/app') };
    await restore(place.join('elsewhere'), [root, folder('sub'), file('sub/a')], { target });
    expect(text(place.join('new/files/app/sub/a'))).toBe('restored');
    expect(lstatSync(place.join('new/files/app')).mode & 0o777).toBe(0o750);
    expect(readdirSync(place.path)).toEqual(['new']);
  });

  test('with FAIL finds every conflict and changes nothing', async () => {
    await using place = await makeTempDir('restore');
    for (const name of ['b', 'other']) writeFileSync(place.join(name), 'mine');
    mkdirSync(place.join('c'));
    symlinkSync('/etc', place.join('d'));
    const before = await describeTree(place.path);
    const entries = [root, file('a'), file('b'), file('c'), folder('d'), file('d/below'), folder('e'), file('e/new')];
    await expect(restore(place.path, entries)).rejects.toMatchObject({
      code: 'RESTORE_CONFLICT',
      details: { count: 3, first: place.join('b') },
    });
    expect(await describeTree(place.path)).toEqual(before);
    expect((await preview(place.path, entries, 'FAIL')).map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      `ADD ${place.join('a')}`,
      `CONFLICT ${place.join('b')}`,
      `CONFLICT ${place.join('c')}`,
      `CONFLICT ${place.join('d')}`,
      `CONFLICT ${place.join('d/below')}`,
      `ADD ${place.join('e')}`,
      `ADD ${place.join('e/new')}`,
    ]);
  });

  test('with SKIP leaves what is there, and follows no link', async () => {
    await using place = await makeTempDir('restore');
    mkdirSync(place.join('target/sub'), { recursive: true });
    mkdirSync(place.join('outside'));
    writeFileSync(place.join('target/sub/old'), 'mine');
    symlinkSync(place.join('outside'), place.join('target/way-out'));
    const entries = [root, folder('sub'), file('sub/new'), file('sub/old'), folder('way-out'), file('way-out/evil')];
    const context = await restore(place.join('target'), entries, { policy: 'SKIP' });
    expect(text(place.join('target/sub/old'))).toBe('mine');
    expect(text(place.join('target/sub/new'))).toBe('restored');
    expect(readdirSync(place.join('outside'))).toEqual([]);
    expect(codes(context)).toEqual(['RESTORE_SKIPPED way-out']);
    expect(readdirSync(place.join('target'))).toEqual(['sub', 'way-out']);
  });

  test('with OVERWRITE replaces what is in the way, links and directories too, and nothing else', async () => {
    await using place = await makeTempDir('restore');
    mkdirSync(place.join('target/was-folder/full'), { recursive: true });
    mkdirSync(place.join('outside'));
    writeFileSync(place.join('target/file'), 'mine');
    writeFileSync(place.join('target/was-file'), 'mine');
    writeFileSync(place.join('target/unrelated'), 'mine');
    symlinkSync(place.join('outside'), place.join('target/way-out'));
    const entries = [
      root,
      file('file'),
      folder('was-file'),
      file('was-file/x'),
      link('was-folder', 'file'),
      folder('way-out'),
      file('way-out/x'),
    ];
    expect((await preview(place.join('target'), entries, 'OVERWRITE')).map(({ action }) => action)).toEqual([
      'CHANGE',
      'CHANGE',
      'CHANGE',
      'CHANGE',
      'CHANGE',
      'CHANGE',
    ]);
    const context = await restore(place.join('target'), entries, { policy: 'OVERWRITE' });
    expect(context.warnings).toEqual([]);
    for (const path of ['file', 'was-file/x', 'was-folder', 'way-out/x'])
      expect(text(place.join('target', path))).toBe('restored');
    expect(text(place.join('target/unrelated'))).toBe('mine');
    expect(readdirSync(place.join('outside'))).toEqual([]);
    expect(readdirSync(place.join('target'))).toEqual(['file', 'unrelated', 'was-file', 'was-folder', 'way-out']);
    expect(lstatSync(place.join('target'), { bigint: true }).mtimeNs).toBe(1_600_000_000_000_000_007n);
    expect(
      (await preview(place.join('target'), [root, file('file')], 'OVERWRITE')).map(({ action }) => action),
    ).toEqual(['KEEP']);
  });

  test('lets no crafted tree out of the target', async () => {
    await using place = await makeTempDir('restore');
    mkdirSync(place.join('outside'));
    const crafted = [
      root,
      file('../evil'),
      file('/tmp/evil'),
      file('a/../../evil'),
      file('./evil'),
      file('a//evil'),
      file('nul\0evil'),
      file(''),
      link('link', place.join('outside')),
      file('link/evil'),
      folder('link/sub'),
      file('plain'),
      file('plain/below'),
      file('plain'),
      file('early'),
      file('sound'),
    ];
    const context = await restore(place.join('target'), crafted);
    expect(readdirSync(place.join('target'))).toEqual(['link', 'plain', 'sound']);
    expect(readdirSync(place.join('outside'))).toEqual([]);
    expect(readdirSync(place.path)).toEqual(['outside', 'target']);
    expect(context.warnings).toHaveLength(12);
    expect(new Set(context.warnings.map(({ code }) => code))).toEqual(new Set(['RESTORE_SKIPPED']));
  });

  test('writes nothing outside of the target, whatever the paths and kinds', async () => {
    await using place = await makeTempDir('restore');
    const segment = fc.constantFrom('a', 'b', 'link', '..', '.', '', 'c\0');
    const entry = fc.record({
      kind: fc.constantFrom('file', 'directory', 'symlink'),
      path: fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (entries) => {
        const home = place.join(`round-${round++}`);
        mkdirSync(`${home}/outside`, { recursive: true });
        const tree = entries.map(({ kind, path }) =>
          kind === 'symlink' ? link(path, `${home}/outside`) : kept(kind, path, 'x'),
        );
        await restore(`${home}/target`, [root, ...tree]);
        expect(readdirSync(`${home}/outside`)).toEqual([]);
        expect(readdirSync(home)).toEqual(['outside', 'target']);
      }),
      { numRuns: 100 },
    );
  });

  test('leaves out what is damaged and restores the rest', async () => {
    await using place = await makeTempDir('restore');
    const damage = new StrongroomError('REPOSITORY_DAMAGED', { object: 'packs/x', offset: 3, reason: 'made so' });
    const context = await restore(place.join('target'), [root, file('bad'), file('good')], {
      trouble: (entry) => {
        if (entry.path.toString() === 'bad') throw damage;
      },
    });
    expect(readdirSync(place.join('target'))).toEqual(['good']);
    expect(codes(context)).toEqual(['REPOSITORY_DAMAGED bad']);
  });

  test.for(['existing', 'absent'])('leaves the target as it was when cancelled (%s)', async (state) => {
    await using place = await makeTempDir('restore');
    if (state === 'existing') mkdirSync(place.join('target'));
    const before = readdirSync(place.path);
    const cancel = new AbortController();
    const { signal } = cancel;
    const trouble = (): void => cancel.abort();
    await expect(restore(place.join('target'), hundredFiles(), { signal, trouble })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(readdirSync(place.path)).toEqual(before);
    if (state === 'existing') expect(readdirSync(place.join('target'))).toEqual([]);
  });

  test('leaves the target as it was when the disk is full', async () => {
    await using place = await makeTempDir('restore');
    mkdirSync(place.join('target'));
    // Only root may mount a small disk; for others the device that is always full has to do.
    const mayMount = process.getuid?.() === 0;
    if (mayMount) {
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place.join('target')]).status).toBe(0);
      onTestFinished(() => void spawnSync('umount', [place.join('target')]));
    }
    const trouble = (): void => {
      if (!mayMount) writeFileSync('/dev/full', 'x');
    };
    const entries = [folder(''), file('a', 'a'.repeat(100_000)), file('b', 'b'.repeat(400_000))];
    await expect(restore(place.join('target'), entries, { trouble })).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      details: { reason: 'the disk is full' },
    });
    expect(readdirSync(place.join('target'))).toEqual([]);
    if (mayMount) expect(spawnSync('umount', [place.join('target')]).status).toBe(0);
  });

  test('killed in the middle of moving is completed by a retry', async () => {
    await using scratch = await makeTempDir('scratch');
    await using place = await makeTempDir('restore');
    const target = place.join('target');
    mkdirSync(target);
    const died = spawnSync(
      process.execPath,
      [`${import.meta.dirname}/../../fixtures/source/dying-restore.ts`, target],
      { env: { TMPDIR: scratch.path, PATH: '/usr/local/bin:/usr/bin:/bin' } },
    );
    expect(died.signal).toBe('SIGKILL');
    const there = readdirSync(target).filter((name) => name.startsWith('file-'));
    expect(there.length).toBeGreaterThan(49);
    expect(there.length).toBeLessThan(100);

    const context = await restore(target, hundredFiles());

    expect(readdirSync(target)).toEqual(
      hundredFiles()
        .slice(1)
        .map((entry) => entry.path.toString()),
    );
    for (const entry of hundredFiles().slice(1)) {
      const name = entry.path.toString();
      expect(text(`${target}/${name}`)).toBe(name === 'file-50' ? 'in the way' : entry.content.toString());
    }
    expect(codes(context)).toEqual([`RESTORE_SKIPPED ${target}/file-50`]);
    expect(context.finished).toHaveLength(101);
  });

  test('killed before moving is begun anew by a retry', async () => {
    await using scratch = await makeTempDir('scratch');
    await using place = await makeTempDir('restore');
    const target = place.join('target');
    const script = `${import.meta.dirname}/../../fixtures/source/killed-while-staging.ts`;
    expect(
      spawnSync(process.execPath, [script, target], {
        env: { TMPDIR: scratch.path, PATH: '/usr/local/bin:/usr/bin:/bin' },
      }).signal,
    ).toBe('SIGKILL');
    expect(readdirSync(place.path)).toEqual([expect.stringMatching(/^\.strongroom-restore-/)]);
    await restore(target, hundredFiles());
    expect(readdirSync(place.path)).toEqual(['target']);
    expect(readdirSync(target)).toHaveLength(100);
  });
});
