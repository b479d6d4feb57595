/** Runs: begun, watched over a WebSocket, and read when they have ended. */
import type { Api } from '../../support/api-client.ts';
import { mutate } from './calls.ts';

type Json = Record<string, unknown>;
export type RunKind = 'backup' | 'restore' | 'verification';

export interface Progress {
  readonly status: string;
  readonly phase: string;
  readonly currentItem: string | null;
  readonly bytesDone: string;
  readonly bytesTotal: string | null;
  readonly itemsDone: string;
  readonly finished: boolean;
  readonly error: RunError | null;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

const ERROR = 'error { code message help }';

/** The subscription of a kind of run, asked for everything that people are shown. */
export const progressOf = (kind: RunKind): string =>
  `subscription ($id: ID!) { ${kind}Progress(id: $id) {
    status phase currentItem bytesDone bytesTotal itemsDone itemsTotal bytesPerSecond secondsLeft warningCount finished ${ERROR}
  } }`;

/** The states of a run as the given way of subscribing brings them. */
export async function* watch(
  api: Api,
  kind: RunKind,
  id: string,
  way: 'watch' | 'watchEvents' = 'watch',
): AsyncGenerator<Progress> {
  for await (const answer of api[way]<Record<string, Progress>>(progressOf(kind), { id })) {
    const progress = answer[`${kind}Progress`];
    if (progress !== undefined) yield progress;
  }
}

/** Every state from now to the end. */
export const allStates = (api: Api, kind: RunKind, id: string, way: 'watch' | 'watchEvents' = 'watch') =>
  Array.fromAsync(watch(api, kind, id, way));

/** The first state that is as wanted; throws when the run ends without. */
export async function untilState(
  api: Api,
  kind: RunKind,
  id: string,
  isWanted: (progress: Progress) => boolean,
): Promise<Progress> {
  let last: Progress | undefined;
  for await (const progress of watch(api, kind, id)) {
    last = progress;
    if (isWanted(progress)) return progress;
  }
  throw new Error(`The ${kind} never came where it was expected: ${JSON.stringify(last)}`);
}

export const isReading = ({ status, bytesDone }: Progress): boolean => status === 'RUNNING' && Number(bytesDone) > 0;

export interface Backup {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly error: RunError | null;
  readonly files: string;
  readonly unchangedFiles: string;
  readonly readBytes: string;
  readonly logicalBytes: string;
  readonly storedBytes: string;
  readonly checksum: string;
  readonly completedAt: string;
  readonly warnings: readonly { readonly code: string; readonly subject: string }[];
  readonly sources: readonly { readonly name: string; readonly content: string }[];
}

const BACKUP = `id status attempts ${ERROR} files unchangedFiles readBytes logicalBytes storedBytes checksum completedAt
  warnings { code subject } sources { name content }`;

/** Queues a backup and answers its id. */
export async function startBackup(api: Api, input: Json): Promise<string> {
  const { id } = await mutate(api, 'createBackup', input, 'Backup');
  return id;
}

export async function backupNow(api: Api, id: string): Promise<Backup> {
  const { backup } = await api.ask<{ backup: Backup }>(`query ($id: ID!) { backup(id: $id) { ${BACKUP} } }`, { id });
  return backup;
}

/** Waits for the end of a backup, however it ends. */
export async function endOfBackup(api: Api, id: string): Promise<Backup> {
  await allStates(api, 'backup', id);
  return backupNow(api, id);
}

/** Makes a backup and waits for its end, however it ends. */
export const runBackup = async (api: Api, input: Json): Promise<Backup> =>
  endOfBackup(api, await startBackup(api, input));

export interface Restore {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly error: RunError | null;
  readonly filesRestored: string | null;
  readonly tablesRestored: number | null;
  readonly completedAt: string;
  readonly warnings: readonly { readonly code: string; readonly subject: string }[];
}

export async function startRestore(api: Api, input: Json): Promise<string> {
  const { id } = await mutate(api, 'restoreBackup', input, 'Restore');
  return id;
}

/** Waits for the end of a restore, however it ends. */
export async function endOfRestore(api: Api, id: string): Promise<Restore> {
  await allStates(api, 'restore', id);
  const { restore } = await api.ask<{ restore: Restore }>(
    `query ($id: ID!) { restore(id: $id) { id status attempts ${ERROR} filesRestored tablesRestored completedAt warnings { code subject } } }`,
    { id },
  );
  return restore;
}

export const runRestore = async (api: Api, input: Json): Promise<Restore> =>
  endOfRestore(api, await startRestore(api, input));

/** Reads every byte of a backup; answers whether it is sound, and the damage. */
export async function verify(api: Api, backupId: string): Promise<{ readonly sound: boolean | null }> {
  const { id } = await mutate(api, 'verifyBackup', { id: backupId }, 'Verification');
  await allStates(api, 'verification', id);
  const { verification } = await api.ask<{ verification: { sound: boolean | null } }>(
    `query ($id: ID!) { verification(id: $id) { status sound damage { object reason } ${ERROR} } }`,
    { id },
  );
  return verification;
}
