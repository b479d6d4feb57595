/** `npm run demo`: a whole life of a backup through the public API, on a sample application made for it. Exits non-zero if anything differs. */
import { chmod } from 'node:fs/promises';
import { makeTempDir } from '../test/support/temp-dir.ts';
import { connect, type Api } from '../test/support/api-client.ts';
import { makeApplication } from './demo/application.ts';
import { bytes, heading, line, seconds, summary } from './demo/print.ts';
import { runBackup, runRestore, runVerification, type FinishedBackup } from './demo/runs.ts';
import { startService } from '../test/support/service-process.ts';
import { setUp } from './demo/set-up.ts';

async function main(): Promise<number> {
  const started = performance.now();
  await using place = await makeTempDir('demo');
  // For root, PostgreSQL runs as another user, who must be able to pass through.
  await chmod(place.path, 0o711);

  heading('A sample application');
  await using application = await makeApplication(place.join('application'));
  for (const part of application.parts) line(part);

  heading('Strongroom on its embedded default');
  await using service = await startService({
    environment: {
      STRONGROOM_DATA_DIR: place.join('data'),
      STRONGROOM_ROOTS: place.path,
      STRONGROOM_LOG: 'warn',
    },
    showErrors: true,
  });
  line(`listens at ${service.url}, a token was made`);
  await using api = connect(service.url, service.token);
  const { workloadId, repositoryId } = await setUp(api, application, place.join('repository'));
  line('a repository (zstd, AES-256-GCM) and a workload with its sources are made');

  heading('Full backup');
  const full = await runBackup(api, { workloadId, repositoryId, type: 'FULL' });
  tellBackup(full);

  heading('The application changes; incremental backup');
  line(await application.change());
  const before = await application.fingerprint();
  const incremental = await runBackup(api, { workloadId, repositoryId, type: 'INCREMENTAL' });
  tellBackup(incremental);
  line(
    `${incremental.unchangedFiles} of ${incremental.files} files were not read again; ` +
      `${bytes(incremental.readBytes)} read, ${bytes(incremental.storedBytes)} stored`,
  );

  heading('Verification: every byte read, opened and hashed');
  const verification = await runVerification(api, incremental.id);
  line(
    `${verification.objectsRead} objects, ${bytes(verification.bytesRead)} read in ${seconds(verification.seconds)}: sound`,
  );

  heading('The application is destroyed');
  await application.destroy();
  const preview = await previewOf(api, incremental.id);
  line(
    `preview of the restore: ${preview.added} to add, ${preview.changed} to change, ${preview.conflicts} in the way, ${bytes(preview.bytes)} to write`,
  );

  heading('Restore in place');
  const restore = await runRestore(api, incremental.id);
  line(`${restore.files} files, ${bytes(restore.bytes)} in ${seconds(restore.seconds)}`);

  heading('Comparison');
  const differences = before.compare(await application.fingerprint());
  for (const difference of differences.slice(0, 20)) line(`DIFFERS: ${difference}`);
  if (differences.length === 0) line(`every byte and every row is back: ${before.size} facts compared`);

  heading('Summary');
  summary([
    ['Full backup', `${seconds(full.seconds)}, ${bytes(full.logicalBytes)} → ${bytes(full.storedBytes)}`],
    [
      'Incremental backup',
      `${seconds(incremental.seconds)}, ${bytes(incremental.readBytes)} read, ${bytes(incremental.storedBytes)} stored`,
    ],
    ['Verification', seconds(verification.seconds)],
    ['Restore', `${seconds(restore.seconds)}, ${bytes(restore.bytes)}`],
    ['Deduplication', `${ratio(full.logicalBytes, full.addedBytes)} (bytes backed up : bytes new to the repository)`],
    ['Compression', `${ratio(full.addedBytes, full.storedBytes)} (bytes new : bytes stored)`],
    ['Altogether', seconds((performance.now() - started) / 1000)],
    ['Result', differences.length === 0 ? 'everything is as it was' : `${differences.length} differences`],
  ]);
  return differences.length === 0 ? 0 : 1;
}

function tellBackup(backup: FinishedBackup): void {
  line(
    `${backup.files} files, ${bytes(backup.logicalBytes)} in ${seconds(backup.seconds)}; new ${bytes(backup.addedBytes)}, stored ${bytes(backup.storedBytes)}`,
  );
  for (const warning of backup.warnings) line(`warning: ${warning}`);
}

const ratio = (whole: number, part: number): string => `${(whole / Math.max(part, 1)).toFixed(2)} : 1`;

async function previewOf(
  api: Api,
  backupId: string,
): Promise<{ added: string; changed: string; conflicts: string; bytes: number }> {
  const { previewRestore } = await api.ask<{
    previewRestore: { added: string; changed: string; conflicts: string; bytes: string };
  }>(
    `query ($input: RestoreInput!) {
      previewRestore(input: $input) {
        ... on RestorePreview { added changed conflicts bytes }
        ... on Error { code message help }
      }
    }`,
    { input: { backupId } },
  );
  return { ...previewRestore, bytes: Number(previewRestore.bytes) };
}

process.exitCode = await main();
