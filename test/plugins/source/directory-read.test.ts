import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import directory from '../../../plugins/source/directory/index.ts';
import type { Source } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { entriesOf, keepAll, openHost, testContext } from '../../support/source-harness.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

const sourceOf = (path: string, more: object = {}): Promise<Source> =>
  directory.create(directory.configuration.parse({ path, ...more }), openHost);

function plant(root: string, paths: readonly string[]): void {
  for (const path of paths) {
    const folder = path.lastIndexOf('/');
    if (folder >= 0) mkdirSync(`${root}/${path.slice(0, folder)}`, { recursive: true });
    if (!path.endsWith('/')) writeFileSync(`${root}/${path}`, path);
  }
}

async function pathsOf(root: string, more: object = {}): Promise<string[]> {
  await using context = await testContext();
  await using source = await sourceOf(root, more);
  return (await keepAll(source, context)).map((entry) => entry.path.toString());
}

describe('reading a directory', () => {
  test('goes in tree order: by the bytes of the names, each directory whole before the next', async () => {
    await using place = await makeTempDir('order');
    plant(place.path, ['a/b/c', 'a/z', 'a-b', 'a.txt', 'B', 'é', 'ａ', '~']);
    expect(await pathsOf(place.path)).toEqual(['', 'B', 'a', 'a/b', 'a/b/c', 'a/z', 'a-b', 'a.txt', '~', 'é', 'ａ']);
  });

  test('manages wide and deep trees, and says how much there is', async () => {
    await using place = await makeTempDir('wide');
    const deep = Array.from({ length: 500 }, () => 'd').join('/');
    plant(place.path, [`deep/${deep}/leaf`]);
    mkdirSync(place.join('wide'));
    for (let index = 0; index < 10_000; index++) writeFileSync(place.join('wide', `${index}`), 'x');
    await using context = await testContext();
    await using source = await sourceOf(place.path);
    const paths = (await keepAll(source, context)).map((entry) => entry.path.toString());
    expect(paths).toHaveLength(1 + 1 + 500 + 1 + 1 + 10_000);
    expect(paths).toContain(`deep/${deep}/leaf`);
    expect(context.expected).toEqual({ items: paths.length, bytes: 10_000 + `deep/${deep}/leaf`.length });
  });

  const tree = [
    'app.log',
    'cache/a.tmp',
    'cache/keep',
    'docs/a.md',
    'docs/old/b.md',
    'docs/old/c.txt',
    'tmp/x',
    'tmp.d/y',
    '.env',
  ];
  test.for([
    [
      { exclude: ['*.tmp'] },
      [
        '.env',
        'app.log',
        'cache',
        'cache/keep',
        'docs',
        'docs/a.md',
        'docs/old',
        'docs/old/b.md',
        'docs/old/c.txt',
        'tmp',
        'tmp/x',
        'tmp.d',
        'tmp.d/y',
      ],
    ],
    [{ exclude: ['docs', 'tmp*', 'cache'] }, ['.env', 'app.log']],
    [{ exclude: ['/docs/old', 'tmp*/', '*.log', 'cache/**'] }, ['.env', 'cache', 'docs', 'docs/a.md']],
    [{ include: ['*.md'] }, ['docs', 'docs/a.md', 'docs/old', 'docs/old/b.md']],
    [{ include: ['docs/old', '.env'] }, ['.env', 'docs', 'docs/old', 'docs/old/b.md', 'docs/old/c.txt']],
    [{ include: ['docs/**'], exclude: ['old'] }, ['docs', 'docs/a.md']],
    [{ include: ['docs/*/{b,d}.md', 'nothing/here'] }, ['docs', 'docs/old', 'docs/old/b.md']],
  ] as const)('takes what the globs say: %o', async ([globs, expected]) => {
    await using place = await makeTempDir('globs');
    plant(place.path, tree);
    expect(await pathsOf(place.path, globs)).toEqual(['', ...expected]);
  });

  test('refuses nothing as a glob but what is none', async () => {
    await expect(sourceOf('/srv', { exclude: ['x'.repeat(1_000)] })).resolves.toBeDefined();
    expect(directory.configuration.safeParse({ path: 'relative' }).success).toBe(false);
    expect(directory.configuration.safeParse({ path: '/srv', include: [''] }).success).toBe(false);
  });

  test('follows no link, and leaves out restores that died', async () => {
    await using place = await makeTempDir('links');
    plant(place.path, ['real/file', '.strongroom-restore-1-2/tree/x']);
    symlinkSync('/', place.join('everything'));
    symlinkSync('..', place.join('real/up'));
    expect(await pathsOf(place.path)).toEqual(['', 'everything', 'real', 'real/file', 'real/up']);
  });

  test('warns of sockets and pipes, and of what vanishes meanwhile', async () => {
    await using place = await makeTempDir('special');
    plant(place.path, ['a', 'b/inner', 'c', 'd/']);
    expect(spawnSync('mkfifo', [place.join('pipe')]).status).toBe(0);
    const server = createServer().listen(place.join('socket'));
    await using context = await testContext();
    await using source = await sourceOf(place.path);
    const paths: string[] = [];
    for await (const entry of entriesOf(source.read({}, context))) {
      paths.push(entry.path.toString());
      if (entry.path.length === 0) for (const gone of ['c', 'd']) rmSync(place.join(gone), { recursive: true });
    }
    server.close();
    expect(paths).toEqual(['', 'a', 'b', 'b/inner']);
    expect(context.warnings.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'SOURCE_FILE_VANISHED c',
      'SOURCE_FILE_VANISHED d',
      'SOURCE_FILE_SPECIAL pipe',
      'SOURCE_FILE_SPECIAL socket',
    ]);
  });

  test('warns of all that vanishes with a directory it is in the middle of, and goes on', async () => {
    await using place = await makeTempDir('going');
    const inner = Array.from({ length: 600 }, (_, index) => `going/${String(index).padStart(3, '0')}`);
    plant(place.path, ['a', ...inner, 'stays']);
    await using context = await testContext();
    await using source = await sourceOf(place.path);
    const paths: string[] = [];
    for await (const { path } of entriesOf(source.read({}, context))) {
      paths.push(path.toString());
      if (paths.at(-1) === 'going/000') rmSync(place.join('going'), { recursive: true });
    }
    expect(paths.slice(0, 3)).toEqual(['', 'a', 'going']);
    expect(paths.at(-1)).toBe('stays');
    const seen = paths.filter((path) => path.startsWith('going/'));
    expect(seen.length).toBeLessThan(600);
    expect(context.warnings.map(({ code, subject }) => `${code} ${subject}`)).toEqual(
      inner.slice(seen.length).map((path) => `SOURCE_FILE_VANISHED ${path}`),
    );
  });

  test('warns of what may not be read, and goes on', async () => {
    await using place = await makeTempDir('denied');
    plant(place.path, ['closed/inner', 'open', 'secret']);
    chmodSync(place.join('secret'), 0);
    chmodSync(place.join('closed'), 0);
    const script = [process.execPath, `${import.meta.dirname}/../../fixtures/source/list-directory.ts`, place.path];
    // Root reads everything, unless it gives up the right to.
    const lesser = [
      'setpriv',
      '--bounding-set=-dac_override,-dac_read_search',
      '--inh-caps=-dac_override,-dac_read_search',
    ];
    const [command = '', ...args] = process.getuid?.() === 0 ? [...lesser, ...script] : script;
    const { stdout } = spawnSync(command, args, { encoding: 'utf8' });
    chmodSync(place.join('closed'), 0o700);
    expect(JSON.parse(stdout)).toEqual({
      paths: ['', 'closed', 'open'],
      warnings: ['SOURCE_FILE_UNREADABLE closed', 'SOURCE_FILE_UNREADABLE secret'],
    });
  });

  test('stops when it is cancelled', async () => {
    await using place = await makeTempDir('cancelled');
    for (let index = 0; index < 1_000; index++) writeFileSync(place.join(`${index}`), '');
    const cancel = new AbortController();
    await using context = await testContext({ signal: cancel.signal });
    await using source = await sourceOf(place.path);
    let seen = 0;
    const reading = (async () => {
      for await (const _ of entriesOf(source.read({}, context))) if (++seen === 10) cancel.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toBeLessThan(300);
  });

  test('tells what is there and what is wrong', async () => {
    await using place = await makeTempDir('told');
    plant(place.path, ['big/a/b', 'small', 'other/c']);
    writeFileSync(place.join('big/a/b'), Buffer.alloc(10_000));
    await using context = await testContext();
    await using source = await sourceOf(place.path);
    await source.check(context);
    expect(await Array.fromAsync(source.discover(context))).toEqual([
      { kind: 'directory', name: 'big', bytes: 10_000 },
      { kind: 'directory', name: 'other', bytes: 7 },
      { kind: 'file', name: 'small', bytes: 5 },
    ]);
    for (const [path, code] of [
      ['nowhere', 'SOURCE_MISSING'],
      ['small', 'SOURCE_MISSING'],
      ['small/x', 'SOURCE_MISSING'],
    ] as const) {
      await using wrong = await sourceOf(place.join(path));
      await expect(wrong.check(context)).rejects.toMatchObject({ code });
      await expect(keepAll(wrong, context)).rejects.toMatchObject({ code });
    }
    const refusal = new StrongroomError('PATH_NOT_ALLOWED', { path: place.path });
    const strict = { allowedPath: () => Promise.reject(refusal) };
    await using refused = await directory.create(directory.configuration.parse({ path: place.path }), strict);
    await expect(keepAll(refused, context)).rejects.toBe(refusal);
  });
});
