/** Backup, verification and restore through the API, each watched live to its end. */
import type { Api } from '../../test/support/api-client.ts';
import { bytes, LiveLine, seconds } from './print.ts';

const failure = '... on Error { code message help }';
const PROGRESS = `status phase currentItem itemsDone itemsTotal bytesDone bytesTotal bytesPerSecond secondsLeft warningCount finished
  error { code message help }`;

interface Progress {
  readonly status: string;
  readonly phase: string;
  readonly currentItem: string | null;
  readonly itemsDone: string;
  readonly bytesDone: string;
  readonly bytesTotal: string | null;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly finished: boolean;
  readonly error: { readonly code: string; readonly message: string; readonly help: string } | null;
}

export interface FinishedBackup {
  readonly id: string;
  readonly seconds: number;
  readonly files: number;
  readonly unchangedFiles: number;
  readonly logicalBytes: number;
  readonly readBytes: number;
  readonly addedBytes: number;
  readonly storedBytes: number;
  readonly warnings: readonly string[];
}

export async function runBackup(
  api: Api,
  input: { readonly workloadId: string; readonly repositoryId: string; readonly type: string },
): Promise<FinishedBackup> {
  const { createBackup } = await api.ask<{ createBackup: { id: string } }>(
    `mutation ($input: CreateBackupInput!) { createBackup(input: $input) { ... on Backup { id } ${failure} } }`,
    { input },
  );
  await follow(api, 'backupProgress', createBackup.id);
  const { backup } = await api.ask<{
    backup: Record<string, string> & { durationSeconds: number; warnings: Warning[] };
  }>(
    `query ($id: ID!) { backup(id: $id) {
      durationSeconds files unchangedFiles logicalBytes readBytes addedBytes storedBytes warnings(first: 10) { subject message }
    } }`,
    { id: createBackup.id },
  );
  const figure = (name: string): number => Number(backup[name]);
  return {
    id: createBackup.id,
    seconds: backup.durationSeconds,
    files: figure('files'),
    unchangedFiles: figure('unchangedFiles'),
    logicalBytes: figure('logicalBytes'),
    readBytes: figure('readBytes'),
    addedBytes: figure('addedBytes'),
    storedBytes: figure('storedBytes'),
    warnings: backup.warnings.map(({ subject, message }) => `${subject}: ${message}`),
  };
}

interface Warning {
  readonly subject: string;
  readonly message: string;
}

export async function runVerification(
  api: Api,
  id: string,
): Promise<{ readonly seconds: number; readonly objectsRead: string; readonly bytesRead: number }> {
  const started = performance.now();
  const { verifyBackup } = await api.ask<{ verifyBackup: { id: string } }>(
    `mutation ($input: VerifyBackupInput!) { verifyBackup(input: $input) { ... on Verification { id } ${failure} } }`,
    { input: { id } },
  );
  await follow(api, 'verificationProgress', verifyBackup.id);
  const elapsed = (performance.now() - started) / 1000;
  const { verification } = await api.ask<{
    verification: { sound: boolean; objectsRead: string; bytesRead: string; damage: { object: string }[] };
  }>('query ($id: ID!) { verification(id: $id) { sound objectsRead bytesRead damage { object } } }', {
    id: verifyBackup.id,
  });
  if (!verification.sound)
    throw new Error(`The backup is damaged: ${verification.damage.map(({ object }) => object).join(', ')}`);
  return { seconds: elapsed, objectsRead: verification.objectsRead, bytesRead: Number(verification.bytesRead) };
}

export async function runRestore(
  api: Api,
  backupId: string,
): Promise<{ readonly seconds: number; readonly files: string; readonly bytes: number }> {
  const started = performance.now();
  const { restoreBackup } = await api.ask<{ restoreBackup: { id: string } }>(
    `mutation ($input: RestoreInput!) { restoreBackup(input: $input) { ... on Restore { id } ${failure} } }`,
    { input: { backupId, target: { kind: 'IN_PLACE' }, conflictPolicy: 'FAIL' } },
  );
  await follow(api, 'restoreProgress', restoreBackup.id);
  const elapsed = (performance.now() - started) / 1000;
  const { restore } = await api.ask<{ restore: { filesRestored: string; bytesRestored: string } }>(
    'query ($id: ID!) { restore(id: $id) { filesRestored bytesRestored } }',
    { id: restoreBackup.id },
  );
  return { seconds: elapsed, files: restore.filesRestored, bytes: Number(restore.bytesRestored) };
}

/** Watches a run live until its final state; throws unless it succeeded, whole or in part. */
async function follow(api: Api, field: string, id: string): Promise<void> {
  const live = new LiveLine();
  let last: Progress | undefined;
  for await (const answer of api.watch<Record<string, Progress>>(
    `subscription ($id: ID!) { ${field}(id: $id) { ${PROGRESS} } }`,
    { id },
  )) {
    last = answer[field];
    if (last !== undefined && !last.finished) live.show(describe(last));
  }
  live.end();
  if (last?.status === 'SUCCEEDED' || last?.status === 'PARTIAL') return;
  const { code = '', message = '', help = '' } = last?.error ?? {};
  throw new Error(`It ended as ${last?.status ?? 'unknown'}. ${code} ${message} ${help}`);
}

function describe(progress: Progress): string {
  const { phase, currentItem, itemsDone, bytesDone, bytesTotal, bytesPerSecond, secondsLeft } = progress;
  const total = bytesTotal === null ? '' : ` of ${bytes(Number(bytesTotal))}`;
  const rate = bytesPerSecond === null ? '' : `, ${bytes(bytesPerSecond)}/s`;
  const left = secondsLeft === null ? '' : `, ${seconds(secondsLeft)} left`;
  return `${phase.toLowerCase()}: ${itemsDone} items, ${bytes(Number(bytesDone))}${total}${rate}${left} ${currentItem ?? ''}`;
}
