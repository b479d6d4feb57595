/** The version of schema.graphql that its users have: what a change is measured against. */
import { join } from 'node:path';
import { execa } from 'execa';
import { readIfPresent } from './text-file.ts';

export interface SchemaBase {
  /** Where it comes from, in words. */
  readonly origin: string;
  readonly text: string;
}

const SCHEMA = 'schema.graphql';

/**
 * Finds the base in the history of the git repository at `root`: the last release, which is the commit that gave CHANGELOG.md
 * its newest release heading, else the newest tag `v…` that HEAD descends from. Before the first release it is the last
 * committed version that differs from the present one, so that at least the latest change is measured, however many commits
 * follow it. Undefined where there is none: no history, no schema back then, or a release that is being made right now.
 */
export async function findSchemaBase(root: string): Promise<SchemaBase | undefined> {
  const git: Git = async (...args) => {
    const { exitCode, stdout } = await execa('git', args, { cwd: root, reject: false, stripFinalNewline: false });
    return exitCode === 0 ? stdout : undefined;
  };
  if ((await git('rev-parse', 'HEAD')) === undefined) return undefined;
  if ((await git('rev-parse', '--is-shallow-repository'))?.trim() === 'true') {
    throw new Error(
      'This clone is shallow: fetch its whole history (git fetch --unshallow --tags) to check the schema.',
    );
  }
  const release = await lastRelease(root, git);
  if (release === undefined) return lastDifferent(await readIfPresent(join(root, SCHEMA)), git);
  if (release.commit === undefined) return undefined;
  const text = await git('show', `${release.commit}:${SCHEMA}`);
  return text === undefined ? undefined : { origin: release.origin, text };
}

type Git = (...args: readonly string[]) => Promise<string | undefined>;

interface Release {
  readonly origin: string;
  /** Its hash or tag; undefined while the release is not committed. */
  readonly commit: string | undefined;
}

async function lastRelease(root: string, git: Git): Promise<Release | undefined> {
  const changelog = await readIfPresent(join(root, 'CHANGELOG.md'));
  const heading = /^## \[?\d+\.\d+\.\d+.*$/m.exec(changelog)?.[0];
  if (heading !== undefined) {
    const commits = await git('log', '--format=%H', '--reverse', '-S', heading, '--', 'CHANGELOG.md');
    return { origin: `the release "${heading.slice(3)}"`, commit: commits?.split('\n').find((line) => line !== '') };
  }
  const tag = (await git('describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*'))?.trim();
  return tag === undefined ? undefined : { origin: `the release ${tag}`, commit: tag };
}

async function lastDifferent(present: string, git: Git): Promise<SchemaBase | undefined> {
  const commits =
    (await git('log', '--format=%H', '-n', '50', '--', SCHEMA))?.split('\n').filter((line) => line !== '') ?? [];
  for (const commit of commits) {
    const text = await git('show', `${commit}:${SCHEMA}`);
    if (text !== undefined && text !== present) return { origin: `the commit ${commit.slice(0, 10)}`, text };
  }
  return undefined;
}
