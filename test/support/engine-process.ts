/** The engine in a process of its own. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import type { BackupInput, RestoreInput } from '../../src/engine/operations.ts';
import type { EngineBench } from './engine-harness.ts';

export interface EngineProcess {
  /** Ends the process at once, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  /** What it printed. */
  readonly output: Promise<{ readonly code?: string; readonly peakMiB?: number }>;
}

export async function startProcess(
  bench: EngineBench,
  order:
    | { readonly operation: 'backup'; readonly input: BackupInput }
    | { readonly operation: 'restore'; readonly input: RestoreInput },
): Promise<EngineProcess> {
  const file = bench.place.join(`${randomUUID()}.json`);
  const text = JSON.stringify({ ...order, settings: bench.settings }, (_, value: unknown) =>
    isBufferJson(value) ? { base64: Buffer.from(value.data).toString('base64') } : value,
  );
  await writeFile(file, text);
  const child = execa(process.execPath, [resolve('test/fixtures/engine/engine-process.ts'), file], {
    reject: false,
    stderr: 'inherit',
  });
  return {
    async kill() {
      child.kill('SIGKILL');
      await child;
    },
    output: child.then(({ stdout }) => (stdout === '' ? {} : (JSON.parse(stdout) as { code?: string }))),
  };
}

const isBufferJson = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
