/** Servers refuse to run as root, or should not. */
import { readFile } from 'node:fs/promises';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The first of the users that is there, when this process is root; else none is needed. */
export async function accountOf(users: readonly string[]): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = users.map((user) => accounts.find(([name]) => name === user)).find((line) => line !== undefined);
  if (found === undefined) throw new Error(`No server runs as root, and there is no user ${users.join(' or ')}.`);
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
