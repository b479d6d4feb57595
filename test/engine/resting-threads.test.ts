import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RepositoryAccess } from '../../src/engine/operations.ts';
import { directorySource, failureOf, fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';
import { waitFor } from '../support/wait-for.ts';

/** Numbers of this process's threads that serve lanes. */
function laneThreads(): string[] {
  return readdirSync('/proc/self/task').filter(
    (thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8') === 'strongroom lane\n',
  );
}

describe.runIf(process.platform === 'linux')('the threads of a run that went well', () => {
  it('serve the next one, also of another repository with another key', async () => {
    await using bench = await makeBench({ lanes: 1 });
    await bench.create();
    const other: RepositoryAccess = {
      storage: { plugin: 'filesystem', configuration: { path: bench.place.join('other') } },
      key: { kind: 'keyFile', content: Buffer.alloc(32, 9) },
    };
    await bench.engine.run('createRepository', {
      repository: other,
      design: {
        compressor: { plugin: 'gzip', configuration: {} },
        encryptor: { plugin: 'chacha20-poly1305', configuration: {} },
      },
    });
    const source = bench.place.join('source');
    mkdirSync(source);
    writeFileSync(`${source}/a`, randomBytes(100_000));

    const first = await bench.backup([directorySource(source)]);
    const lanes = laneThreads();
    expect(lanes.length).toBe(1);
    const second = await bench.backup([directorySource(source)], { repository: other });
    // Nothing of the first run's set of chunks is taken for the second repository's.
    expect(second.addedBytes).toBe(first.addedBytes);
    expect((await bench.verify(first.snapshotId)).sound).toBe(true);
    expect((await bench.engine.run('verify', { repository: other, snapshotId: second.snapshotId })).sound).toBe(true);
    await bench.restore(second.snapshotId, { repository: other });
    expect(readFileSync(bench.place.join('out/files/files/a'))).toEqual(readFileSync(`${source}/a`));
    expect(laneThreads()).toEqual(lanes);
  }, 60_000);

  it('do not outlive one that is cancelled', async () => {
    await using bench = await makeBench({ pluginModules: [fixturePlugin('generated-source')], lanes: 1 });
    await bench.create();
    await bench.backup([generatedSource({ bytes: 1_000_000 })]);
    expect(laneThreads().length).toBe(1);
    const cancel = new AbortController();
    const endless = generatedSource({ bytes: 400_000_000, waitAt: 20_000_000 });
    const failure = await failureOf(
      bench.backup(
        [endless],
        {},
        { signal: cancel.signal, onProgress: ({ bytesDone }) => void (bytesDone > 0 && cancel.abort()) },
      ),
    );
    expect(failure.code).toBe('CANCELLED');
    await waitFor(() => laneThreads().length === 0, { message: 'the end of the lane', timeoutMs: 20_000 });
  }, 60_000);
});
