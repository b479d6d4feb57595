/** What opens a repository, from where it can be given without showing up in a process list. */
import { randomBytes } from 'node:crypto';
import { usageError } from './usage.ts';
import { readSecretBytes, readSecretText } from './secrets.ts';
import type { StrongroomCommand } from '../command.ts';
import type { Session } from '../session.ts';

export interface KeyOptions {
  readonly passphraseFile?: string;
  readonly passphraseEnv?: string;
  readonly keyFile?: string;
  readonly generatePassphrase?: boolean;
}

/** A key as the API takes it, and whether it was made here and has to be shown. */
export interface GatheredKey {
  readonly key: { readonly passphrase?: string; readonly keyFile?: string };
  readonly generated?: string;
}

/** Adds the options for a key; those that make a new one also get `--generate-passphrase`. */
export function withKey(command: StrongroomCommand, { fresh }: { readonly fresh: boolean }): StrongroomCommand {
  command
    .option('--passphrase-file <file>', 'file with the passphrase, - for standard input; asked for otherwise')
    .option('--passphrase-env <name>', 'environment variable with the passphrase')
    .option('--key-file <file>', 'key file: any bytes, at least 32');
  return fresh ? command.option('--generate-passphrase', 'make a passphrase and print it, once') : command;
}

// No letters that are mistaken for digits: Crockford's base 32, https://www.crockford.com/base32.html
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A passphrase of 160 random bits, in groups of four. */
export function makePassphrase(): string {
  const characters = Array.from(randomBytes(32), (byte) => alphabet[byte % alphabet.length] ?? '').join('');
  return characters.replaceAll(/(.{4})(?!$)/gu, '$1-');
}

async function askPassphrase(session: Session, fresh: boolean): Promise<string> {
  const passphrase = await session.prompt.secret(fresh ? 'New passphrase: ' : 'Passphrase: ');
  if (passphrase === '') throw usageError('passphrase', 'it must not be empty.');
  if (fresh && (await session.prompt.secret('The same again: ')) !== passphrase) {
    throw usageError('passphrase', 'the two differ.');
  }
  return passphrase;
}

/** The key that the options give, else the one that is typed at the terminal; typed twice when it is a new one. */
export async function gatherKey(
  session: Session,
  options: KeyOptions,
  { fresh }: { readonly fresh: boolean },
): Promise<GatheredKey> {
  const { passphraseFile, passphraseEnv, keyFile, generatePassphrase } = options;
  const given = [passphraseFile, passphraseEnv, keyFile, generatePassphrase === true ? 'yes' : undefined];
  if (given.filter((one) => one !== undefined).length > 1)
    throw usageError('key', 'give one passphrase or one key file.');
  if (keyFile !== undefined) {
    const bytes = await readSecretBytes(keyFile, '--key-file', session.deps.stdin);
    return { key: { keyFile: bytes.toString('base64') } };
  }
  if (passphraseFile !== undefined) {
    return { key: { passphrase: await readSecretText(passphraseFile, '--passphrase-file', session.deps.stdin) } };
  }
  if (passphraseEnv !== undefined) {
    const passphrase = session.deps.environment.variable(passphraseEnv);
    if (passphrase === undefined || passphrase === '') {
      throw usageError('--passphrase-env', `the environment variable ${passphraseEnv} is not set.`);
    }
    return { key: { passphrase } };
  }
  if (generatePassphrase === true) {
    const generated = makePassphrase();
    return { key: { passphrase: generated }, generated };
  }
  if (session.prompt.interactive) return { key: { passphrase: await askPassphrase(session, fresh) } };
  throw usageError(
    'passphrase',
    `give it with --passphrase-file, --passphrase-env${fresh ? ', --key-file or --generate-passphrase' : ' or --key-file'}.`,
  );
}
