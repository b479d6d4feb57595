import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actor, type Harness, startHarness } from '../services/support/harness.ts';

const workerProcess = fileURLToPath(new URL('support/worker-process.ts', import.meta.url));

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness[Symbol.asyncDispose]());

/** Runs another worker until it has begun so many backups, then kills it without a word. */
async function killWorkerWhenBusy(backups: number): Promise<void> {
  const child = execaNode({
    reject: false,
    all: true,
  })`${workerProcess} ${harness.url} ${harness.instanceKey.toString('hex')}`;
  let begun = 0;
  for await (const line of child.iterable({ from: 'all' })) {
    if (line === 'started' && (begun += 1) === backups) child.kill('SIGKILL');
  }
  const { signal, all } = await child;
  expect(signal, all).toBe('SIGKILL');
}

describe('a worker that is killed', () => {
  test('loses nothing: another one takes its runs up, and ends those that are no longer wanted', async () => {
    const [wanted, unwanted] = [await harness.backup(), await harness.backup()];
    await killWorkerWhenBusy(2);
    expect(await harness.until('backup', wanted, 'RUNNING')).toMatchObject({ attempts: 1 });
    await harness.services.backups.cancel(actor, unwanted);

    await using _worker = await harness.work();
    expect(await harness.until('backup', wanted, 'SUCCEEDED')).toMatchObject({ attempts: 2, errorCode: null });
    await harness.until('backup', unwanted, 'CANCELLED');
    expect(harness.engine.calls.filter(({ operation }) => operation === 'backup')).toMatchObject([
      { input: { backupId: wanted, resume: true } },
    ]);
  });
});
