/** Whom the server runs as: PostgreSQL refuses root. */
import { readFile, stat } from 'node:fs/promises';
import { execa } from 'execa';
import { StrongroomError } from '../../errors.ts';

/** Ids to start a process with; none where the service's own user will do. */
export interface ServerAccount {
  /** For messages. */
  readonly name: string;
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

/** Users that are taken when they are there; the last one is made when none is. */
const ACCOUNTS: readonly string[] = ['postgres', 'strongroom'];

const SYSTEM_PROGRAMS = '/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The service's own user or, for root, the owner of the cluster that is there, else the first of `names` that the system
 * knows, else a system user of the last of these names, which is made. Throws `CONFIGURATION_INVALID` if that fails.
 */
export async function serverAccount(cluster: string, names: readonly string[] = ACCOUNTS): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return { name: 'of the service', ids: {} };
  const owner = await ownerOf(cluster);
  if (owner !== undefined) return owner;
  const known = await firstKnown(names);
  if (known !== undefined) return known;
  const name = names.at(-1) ?? 'strongroom';
  const reason = await makeSystemUser(name);
  const made = await firstKnown([name]);
  if (made !== undefined) return made;
  throw new StrongroomError('CONFIGURATION_INVALID', {
    reason:
      `the embedded PostgreSQL can't run as root, and the user ${name} could not be made for it (${reason}); ` +
      `make that user, start Strongroom as another user than root, or set DATABASE_URL.`,
  });
}

async function ownerOf(cluster: string): Promise<ServerAccount | undefined> {
  try {
    const { uid, gid } = await stat(cluster);
    return uid === 0 ? undefined : { name: `number ${uid}`, ids: { uid, gid } };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function firstKnown(names: readonly string[]): Promise<ServerAccount | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of names) {
    const found = lines.find(([entry]) => entry === name);
    if (found !== undefined) return { name, ids: { uid: Number(found[2]), gid: Number(found[3]) } };
  }
  return undefined;
}

/** Why it failed; empty when it did not. */
async function makeSystemUser(name: string): Promise<string> {
  const flags = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/bin/false'];
  const result = await execa('useradd', [...flags, name], { env: { PATH: SYSTEM_PROGRAMS }, reject: false });
  return result.failed ? result.stderr || (result.shortMessage ?? 'useradd failed') : '';
}
