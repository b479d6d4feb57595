import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { errorCatalogue } from '../../../src/errors.ts';
import { backup, page, progress, restore } from '../support/objects.ts';
import { runCli } from '../support/run-cli.ts';
import { createSchemaTransport } from '../support/schema-transport.ts';

const one = { source: 'uploads', action: 'ADD', subject: '/files/a', bytes: '10', reason: null };

function restoring(conflicts = '0', items: readonly object[] = [one]) {
  const inputs: unknown[] = [];
  const transport = createSchemaTransport({
    backups: page([backup('nightly')]),
    restoreBackup: ({ input }: { input: unknown }) => {
      inputs.push(input);
      return restore('X-1');
    },
    restoreProgress: async function* states() {
      yield { restoreProgress: { ...progress('SUCCEEDED', true), addedBytes: undefined } };
      return Promise.resolve();
    },
    restore: restore('X-1'),
    previewRestore: ({ input }: { input: unknown }) => {
      inputs.push(input);
      return {
        __typename: 'RestorePreview',
        items,
        added: '1500',
        dropped: '0',
        changed: '0',
        kept: '2',
        conflicts,
        bytes: '1048576',
      };
    },
  });
  return { inputs, transport };
}

test('a restore into a directory, with a selection', async () => {
  const { inputs, transport } = restoring();
  const argv =
    'backup restore --id nightly --to restored --path /files/a --path /files/b --source uploads --on-conflict overwrite';
  const { code, stdout, stderr } = await runCli(argv.split(' '), { transport });
  expect(code).toBe(0);
  expect(stdout).toContain('Target              directory /srv/restored');
  expect(stderr).toContain(`Restoring nightly: directory ${resolve('restored')}`);
  expect(inputs).toEqual([
    {
      backupId: 'B-nightly',
      target: { kind: 'DIRECTORY', path: resolve('restored'), database: null, schema: null },
      sources: ['uploads'],
      paths: ['/files/a', '/files/b'],
      conflictPolicy: 'OVERWRITE',
    },
  ]);
});

test('a restore into a database', async () => {
  const { inputs, transport } = restoring();
  await runCli(['backup', 'restore', 'latest', '--database', 'copy', '--no-wait'], { transport });
  expect(inputs).toMatchObject([{ target: { kind: 'DATABASE', database: 'copy' }, conflictPolicy: 'FAIL' }]);
});

test('a restore in place has to be confirmed', async () => {
  const unsure = restoring();
  const { code, stderr } = await runCli(['backup', 'restore', 'nightly'], { transport: unsure.transport });
  expect(code).toBe(2);
  expect(stderr).toContain('--yes');
  expect(unsure.inputs).toEqual([]);
  const asked = restoring();
  const agreed = await runCli(['backup', 'restore', 'nightly', '--on-conflict', 'overwrite'], {
    transport: asked.transport,
    terminal: true,
    input: 'yes\r',
  });
  expect(agreed.stderr).toContain('Restore nightly in place? What is there now is replaced.');
  expect(asked.inputs).toHaveLength(1);
  const sure = restoring();
  expect((await runCli(['backup', 'restore', 'nightly', '--yes'], { transport: sure.transport })).code).toBe(0);
  expect(sure.inputs).toMatchObject([{ target: { kind: 'IN_PLACE' } }]);
});

test('a preview shows what would be done and starts nothing', async () => {
  const { transport } = restoring();
  const { code, stdout } = await runCli(['backup', 'restore', '--id', 'nightly', '--preview'], { transport });
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      '1,500 to add, 0 to replace, 2 kept as they are, 0 in the way; 1.00 MiB to write',
      '',
      'ACTION  SOURCE   SIZE  WHAT',
      'add     uploads  10 B  /files/a',
      '… and 1,501 more',
      '',
    ].join('\n'),
  );
  expect(transport.requests.some(({ query }) => query.includes('mutation'))).toBe(false);
});

const many = [
  ...Array.from({ length: 30 }, (_, index) => ({ ...one, subject: `/files/${index}` })),
  { ...one, action: 'KEEP', subject: '/files/kept', bytes: '7', reason: 'alike in size and time; written anew' },
  { ...one, action: 'CHANGE', subject: '/files/changed', reason: 'another size' },
  { ...one, action: 'CONFLICT', subject: '/files/there', bytes: '0', reason: 'there already, alike' },
];

test('a preview shows twenty items, what is in the way first, and no size of what is not written', async () => {
  const { transport } = restoring('1', many);
  const { code, stdout } = await runCli(['backup', 'restore', 'nightly', '--preview'], { transport });
  expect(code).toBe(5);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toContain('1 in the way');
  expect(lines[1]).toContain('--on-conflict overwrite replaces it, skip keeps it.');
  expect(lines.slice(3, 7).map((line) => line.replaceAll(/ {2,}/gu, '|'))).toEqual([
    'ACTION|SOURCE|SIZE|WHAT',
    'in the way|uploads|-|/files/there (there already, alike)',
    'replace|uploads|10 B|/files/changed (another size)',
    'add|uploads|10 B|/files/0',
  ]);
  expect(lines.slice(4, -1)).toHaveLength(20);
  expect(lines.at(-1)).toBe('… and 1,483 more (the first 33 with --json)');
  const json = await runCli(['backup', 'restore', 'nightly', '--preview', '--json'], { transport });
  expect(JSON.parse(json.stdout)).toMatchObject({ items: many });
});

test('a preview says whether what is alike is kept or written anew', async () => {
  const kept = many.slice(30, 31);
  const seen = async (policy: string) => {
    const argv = ['backup', 'restore', 'nightly', '--preview', '--on-conflict', policy];
    return (await runCli(argv, { transport: restoring('0', kept).transport })).stdout;
  };
  const overwritten = await seen('overwrite');
  expect(overwritten).toContain('2 alike but written anew');
  expect(overwritten).toMatch(/^write anew +uploads +7 B +\/files\/kept/mu);
  const skipped = await seen('skip');
  expect(skipped).toContain('2 kept as they are');
  expect(skipped).toMatch(/^keep +uploads/mu);
});

test('a preview that finds something in the way has the exit code of a conflict', async () => {
  const { code } = await runCli(['backup', 'restore', 'nightly', '--preview', '--json'], {
    transport: restoring('1').transport,
  });
  expect(code).toBe(5);
});

test.each([
  ['RESTORE_CONFLICT', 'Use --on-conflict overwrite to replace them, --on-conflict skip to keep them'],
  ['RESTORE_SKIPPED', 'Use --on-conflict overwrite or another target'],
] as const)('the help of %s names options', async (errorCode, help) => {
  const error = { code: errorCode, message: 'It is there already.', help: errorCatalogue[errorCode].help };
  const transport = createSchemaTransport({ restore: { ...restore('X-1', 'FAILED'), error } });
  const { stdout } = await runCli(['restore', 'show', 'X-1'], { transport });
  expect(stdout).toContain(`error: It is there already. [${errorCode}]\n       ${help}`);
});

test('a restore that failed early shows no empty figures, one of a single file no plural', async () => {
  const figures = (files: string | null, bytes: string | null, tables: number | null) => ({
    restore: { ...restore('X-1', 'FAILED'), filesRestored: files, bytesRestored: bytes, tablesRestored: tables },
  });
  const show = async (roots: object) =>
    (await runCli(['restore', 'show', 'X-1'], { transport: createSchemaTransport({ ...roots }) })).stdout;
  expect(await show(figures(null, null, null))).not.toContain('Restored');
  expect(await show(figures('1', '10', 1))).toMatch(/^Restored +10 B in 1 file, 1 table$/mu);
  expect(await show(figures('2', '10', null))).toMatch(/^Restored +10 B in 2 files$/mu);
});

test('two targets are wrong usage', async () => {
  const { code, stderr } = await runCli(['backup', 'restore', 'x', '--to', 'a', '--database', 'b'], {
    transport: restoring().transport,
  });
  expect(code).toBe(2);
  expect(stderr).toContain('to one of them only');
});

test('restores are listed, shown and cancelled', async () => {
  const roots = { restores: page([restore('X-1')]), restore: restore('X-1'), cancelRestore: restore('X-1') };
  const run = (argv: string) => runCli(argv.split(' '), { transport: createSchemaTransport(roots) });
  expect((await run('restore list')).stdout).toContain(
    'nightly  everything  directory /srv/restored  succeeded  1,200  1.00 GiB',
  );
  expect((await run('restore show X-1')).stdout).toContain('1.00 GiB in 1,200 files, 0 tables');
  expect((await run('restore cancel --id X-1')).stdout).toBe('Cancelling the restore.\n');
  const gone = await runCli(['restore', 'show', 'X-2'], { transport: createSchemaTransport({ restore: null }) });
  expect(gone.code).toBe(4);
});
