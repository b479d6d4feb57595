import { createHash } from 'node:crypto';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { directorySource, fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';
import { startProcess } from '../support/engine-process.ts';

const MIB = 2 ** 20;
const pluginModules = [fixturePlugin('generated-source')];

async function digest(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of bytes) hash.update(piece);
  return hash.digest('hex');
}

describe('a stream', () => {
  it('of 200 MB is stored, told of, read back and restored', async () => {
    await using bench = await makeBench({ pluginModules });
    await bench.create();
    const bytes = 200 * MIB;
    const phases = new Set<string>();
    const source = generatedSource({ bytes });
    const result = await bench.backup([source], {}, { onProgress: ({ phase }) => void phases.add(phase) });
    expect(result).toMatchObject({ logicalBytes: bytes, readBytes: bytes, files: 1 });
    expect(result.sources[0]?.tables).toEqual([{ name: 'stream', rows: 1, bytes }]);
    expect([...phases]).toEqual(expect.arrayContaining(['READING', 'FINISHING']));
    const input = { repository: bench.access, snapshotId: result.snapshotId, path: '/database/generated/stream' };
    const read = await digest(bench.engine.readFile(input));
    await bench.restore(result.snapshotId);
    expect(await digest(createReadStream(bench.place.join('out/database/generated/stream')))).toBe(read);
  }, 120_000);
});

describe('memory', () => {
  it('does not grow with the length of a stream or a file', async () => {
    await using bench = await makeBench({ pluginModules });
    await bench.create();
    const peakOf = async (sources: Parameters<typeof bench.backupInput>[0]): Promise<number> => {
      const run = await startProcess(bench, { operation: 'backup', input: bench.backupInput(sources) });
      return (await run.output).peakMiB ?? Number.NaN;
    };
    const source = bench.place.join('source');
    await mkdir(source);
    await writeFile(`${source}/large`, '');
    const short = await peakOf([generatedSource({ bytes: 60 * MIB, seed: 'short' })]);
    await truncate(`${source}/large`, 800 * MIB);
    const long = await peakOf([generatedSource({ bytes: 200 * MIB, seed: 'long' }), directorySource(source)]);
    expect(long).toBeLessThan(short + 180);
    expect(long).toBeLessThan(600);
  }, 120_000);
});
