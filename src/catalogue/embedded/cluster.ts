/** PostgreSQL's own data directory: made once, checked at every start. */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StrongroomError } from '../../errors.ts';
import { readOrCreatePrivateFile, readPrivateFile } from '../private-file.ts';
import type { ServerAccount } from './account.ts';
import { EMBEDDED_NAME, type EmbeddedLayout } from './layout.ts';
import type { Programs } from './programs.ts';
import { runAs } from './reach.ts';

/**
 * Makes the cluster if there is none, whole or not at all, and returns the superuser's password. Throws
 * `CONFIGURATION_INVALID` when the cluster is of another major version or its password is lost.
 */
export async function ensureCluster(
  layout: EmbeddedLayout,
  account: ServerAccount,
  programs: Programs,
): Promise<string> {
  const version = await clusterVersion(layout);
  if (version === undefined) {
    const password = await readOrCreatePrivateFile(layout.password, () => `${randomBytes(24).toString('base64url')}\n`);
    await makeCluster(layout, account, programs, password.trim());
    return password.trim();
  }
  if (version !== programs.major) {
    throw new StrongroomError('CONFIGURATION_INVALID', {
      reason:
        `${layout.cluster} was made by PostgreSQL ${version}, and this version of Strongroom brings ${programs.major}; ` +
        `start the former version of Strongroom, or upgrade the cluster with pg_upgrade.`,
    });
  }
  const password = await readPrivateFile(layout.password);
  if (password !== undefined) return password.trim();
  throw new StrongroomError('CONFIGURATION_INVALID', {
    reason: `the file ${layout.password} is missing; without it nobody can sign in to the embedded PostgreSQL.`,
  });
}

async function clusterVersion(layout: EmbeddedLayout): Promise<string | undefined> {
  try {
    return (await readFile(join(layout.cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeCluster(
  layout: EmbeddedLayout,
  account: ServerAccount,
  programs: Programs,
  password: string,
): Promise<void> {
  const draft = join(layout.home, 'cluster.new');
  const passwordFile = join(draft, 'password');
  const cluster = join(draft, 'cluster');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  const { uid, gid } = account.ids;
  if (uid !== undefined && gid !== undefined) {
    await chown(passwordFile, uid, gid);
    await chown(draft, uid, gid);
  }
  const result = await runAs(account, programs.initdb, [
    `--pgdata=${cluster}`,
    `--username=${EMBEDDED_NAME}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own locale: the same order everywhere, whatever locales the system has.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
  ]);
  if (result.exitCode !== 0) {
    const reason = (result.stderr || result.shortMessage || 'initdb failed').trim();
    throw new StrongroomError('CATALOGUE_UNAVAILABLE', {
      reason: `the embedded PostgreSQL can't be set up: ${reason}`,
    });
  }
  await rename(cluster, layout.cluster);
  await rm(draft, { recursive: true, force: true });
}
