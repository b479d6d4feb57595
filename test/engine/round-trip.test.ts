import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { directorySource, makeBench, treeText } from '../support/engine-harness.ts';

describe('an awkward tree', () => {
  it('comes back byte for byte: names, links, modes, times, emptiness', async () => {
    await using bench = await makeBench();
    await bench.create();
    const source = bench.place.join('source');
    mkdirSync(source);
    const at = (name: string | Buffer): Buffer => Buffer.concat([Buffer.from(`${source}/`), Buffer.from(name)]);
    mkdirSync(at('empty directory'));
    mkdirSync(at('deep/er/and/deeper').toString(), { recursive: true });
    const names = [
      'a',
      'new\nline',
      'back\\slash',
      ' ',
      '-rf',
      '*',
      'ümlaut',
      'u\u0308mlaut',
      '\u{1f512}',
      'n'.repeat(255),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('bad\xc3(', 'latin1'),
    ];
    for (const name of names) writeFileSync(at(name), `content of ${String(name)}`);
    writeFileSync(at('empty'), '');
    writeFileSync(at('deep/er/and/deeper/random'), randomBytes(3_000_000));
    symlinkSync('a', at('to a'));
    symlinkSync('/nowhere/at all', at('dangling'));
    symlinkSync(Buffer.from([0x2e, 0xff]), at('to invalid'));
    writeFileSync(at('secret'), 'x');
    chmodSync(at('secret'), 0o400);
    utimesSync(at('a'), 1, 1_234_567_890.123);
    linkSync(at('a'), at('z hard link'));
    const { snapshotId, files, warnings } = await bench.backup([directorySource(source)]);
    expect(warnings).toEqual([]);
    expect(files).toBe(names.length + 4);
    const restored = await bench.restore(snapshotId);
    expect(restored.warnings).toEqual([]);
    const out = bench.place.join('out/files/files');
    expect(treeText(out)).toEqual(treeText(source));
    expect(statSync(`${out}/a`).ino).toBe(statSync(`${out}/z hard link`).ino);
    expect(lstatSync(`${out}/dangling`).isSymbolicLink()).toBe(true);
  }, 60_000);

  it('with a sparse file of 300 MB takes little room in the repository and on the way back', async () => {
    await using bench = await makeBench();
    await bench.create();
    const source = bench.place.join('source');
    mkdirSync(source);
    const file = `${source}/sparse`;
    writeFileSync(file, 'start');
    truncateSync(file, 300_000_000);
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, 'middle', 150_000_000);
    closeSync(descriptor);
    const { snapshotId, logicalBytes, storedBytes } = await bench.backup([directorySource(source)]);
    expect(logicalBytes).toBe(300_000_000);
    expect(storedBytes).toBeLessThan(100_000);
    await bench.restore(snapshotId);
    const back = bench.place.join('out/files/files/sparse');
    const { size, blocks } = statSync(back);
    expect(size).toBe(300_000_000);
    expect(blocks * 512).toBeLessThan(20_000_000);
    const input = { repository: bench.access, snapshotId, path: '/files/files/sparse' };
    let at = 0;
    for await (const bytes of bench.engine.readFile(input)) {
      if (at <= 150_000_000 && 150_000_006 <= at + bytes.length) {
        expect(Buffer.from(bytes.subarray(150_000_000 - at, 150_000_006 - at)).toString()).toBe('middle');
      }
      at += bytes.length;
    }
    expect(at).toBe(size);
  }, 60_000);
});
