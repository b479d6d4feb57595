/** The check of the API's compatibility, run over planted histories. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'check-breaking.ts');

const first =
  'type Query {\n  backup(id: ID!): Backup\n}\n\ntype Backup {\n  id: ID!\n  name: String\n  size: Int\n}\n';
const withoutName = first.replace('  name: String\n', '');
const withNote = first.replace('  size: Int\n', '  size: Int\n  note: String\n');

interface Project extends TempDir {
  /** Writes files and, unless told otherwise, commits them. */
  write(files: { readonly schema?: string; readonly changelog?: string }, commit?: boolean): Promise<void>;
  git(...args: readonly string[]): Promise<void>;
  check(): Promise<{ readonly passed: boolean; readonly output: string }>;
}

async function makeProject(): Promise<Project> {
  const directory = await makeTempDir('schema');
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  const git = async (...args: readonly string[]): Promise<void> => {
    await execa('git', [...identity, ...args], { cwd: directory.path });
  };
  await git('init', '-q');
  return {
    ...directory,
    git,
    write: async ({ schema, changelog }, commit = true) => {
      if (schema !== undefined) await writeFile(directory.join('schema.graphql'), schema);
      if (changelog !== undefined) await writeFile(directory.join('CHANGELOG.md'), changelog);
      if (!commit) return;
      await git('add', '.');
      await git('commit', '-q', '--allow-empty', '-m', 'Change');
    },
    check: async () => {
      const { exitCode, all } = await execa(process.execPath, [script, directory.path], { all: true, reject: false });
      return { passed: exitCode === 0, output: all };
    },
  };
}

const unreleased = (breaking: string): string =>
  `# Changelog\n\n## Unreleased\n\n### Breaking\n\n${breaking}\n\n### Added\n`;

describe('before the first release', () => {
  it('accepts a first schema', async () => {
    await using project = await makeProject();
    await project.write({ schema: first }, false);
    expect(await project.check()).toMatchObject({ passed: true });
    await project.write({ schema: first });
    expect(await project.check()).toMatchObject({ passed: true });
  });

  it('refuses a breaking change, committed or not, until the changelog names it', async () => {
    await using project = await makeProject();
    await project.write({ schema: first });
    await project.write({ schema: withoutName }, false);
    const refused = await project.check();
    expect(refused.passed).toBe(false);
    expect(refused.output).toContain('Backup.name');
    await project.write({});
    expect(await project.check()).toMatchObject({ passed: false });
    await project.write({ changelog: unreleased('- Something else changed.') });
    expect(await project.check()).toMatchObject({ passed: false });
    await project.write({ changelog: unreleased('- `Backup.name` is gone.') });
    expect(await project.check()).toMatchObject({ passed: true });
  });

  it('takes only the whole name, and only under Unreleased, for an announcement', async () => {
    await using project = await makeProject();
    await project.write({ schema: first });
    await project.write({ schema: withoutName, changelog: unreleased('- `Backup.nameOfHost` is gone.') });
    expect(await project.check()).toMatchObject({ passed: false });
    await project.write({ changelog: '# Changelog\n\n## Unreleased\n\n### Added\n\n- `Backup.name`\n' });
    expect(await project.check()).toMatchObject({ passed: false });
  });

  it('still refuses it after commits that leave the schema alone', async () => {
    await using project = await makeProject();
    await project.write({ schema: first });
    await project.write({ schema: withoutName });
    await project.write({});
    await project.write({});
    expect(await project.check()).toMatchObject({ passed: false });
  });

  it('accepts an addition', async () => {
    await using project = await makeProject();
    await project.write({ schema: first });
    await project.write({ schema: withNote });
    expect(await project.check()).toMatchObject({ passed: true });
  });
});

describe('after a release', () => {
  it('measures against the tag, so that what came and went since then is free', async () => {
    await using project = await makeProject();
    await project.write({ schema: first });
    await project.git('tag', 'v1.0.0');
    await project.write({ schema: withNote });
    await project.write({ schema: first });
    expect(await project.check()).toMatchObject({ passed: true });
    await project.write({ schema: withoutName });
    await project.write({ schema: withoutName.replace('size: Int', 'size: Int\n  more: Int') });
    const refused = await project.check();
    expect(refused.passed).toBe(false);
    expect(refused.output).toContain('v1.0.0');
  });

  it('measures against the heading of the release where there is no tag', async () => {
    await using project = await makeProject();
    await project.write({ schema: first, changelog: '# Changelog\n\n## Unreleased\n\n## 1.0.0 - 2030-01-01\n' });
    await project.write({ schema: withoutName });
    await project.write({ schema: withoutName.replace('size: Int', 'size: Int\n  more: Int') });
    const refused = await project.check();
    expect(refused.passed).toBe(false);
    expect(refused.output).toContain('1.0.0');
  });
});

it('lets a release carry its announcements away from Unreleased', async () => {
  await using project = await makeProject();
  await project.write({ schema: first, changelog: unreleased('') });
  await project.git('tag', 'v1.0.0');
  await project.write({ schema: withoutName, changelog: unreleased('- `Backup.name` is gone.') });
  const released =
    '# Changelog\n\n## Unreleased\n\n## 2.0.0 - 2030-01-01\n\n### Breaking\n\n- `Backup.name` is gone.\n';
  await project.write({ changelog: released }, false);
  expect(await project.check()).toMatchObject({ passed: true });
  await project.write({});
  expect(await project.check()).toMatchObject({ passed: true });
  await project.write({ schema: first.replace('  size: Int\n', '') });
  expect(await project.check()).toMatchObject({ passed: false });
});

it('says what to do in a clone without its history', async () => {
  await using project = await makeProject();
  await using parent = await makeTempDir('shallow');
  await project.write({ schema: first });
  await project.write({ schema: withoutName });
  await project.git('clone', '-q', '--depth', '1', `file://${project.path}`, parent.join('clone'));
  const { exitCode, stderr } = await execa(process.execPath, [script, parent.join('clone')], { reject: false });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('--unshallow');
});
