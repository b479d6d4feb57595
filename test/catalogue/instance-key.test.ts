import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadInstanceKey } from '../../src/catalogue/instance-key.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const load = (dataDirectory: string, secretKey?: Uint8Array): Promise<Uint8Array> =>
  loadInstanceKey({ dataDirectory, secretKey });

describe('the instance key', () => {
  test('is made on first start for the owner alone, and stays', async () => {
    await using directory = await makeTempDir();
    const data = directory.join('made', 'here');
    const key = await load(data);
    expect(key).toHaveLength(32);
    expect(await load(data)).toEqual(key);
    const file = directory.join('made', 'here', 'instance.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(`${Buffer.from(key).toString('hex')}\n`);
  });

  test('is one key, however many processes start at once', async () => {
    await using directory = await makeTempDir();
    const keys = await Promise.all(Array.from({ length: 20 }, () => load(directory.path)));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(await readdir(directory.path)).toEqual(['instance.key']);
  });

  test('is the configured one where there is one, and no file is made', async () => {
    await using directory = await makeTempDir();
    const configured = new Uint8Array(32).fill(7);
    expect(await load(directory.path, configured)).toEqual(configured);
    expect(await readdir(directory.path)).toEqual([]);
  });

  test('is refused when others may read the file, without being changed', async () => {
    await using directory = await makeTempDir();
    const key = await load(directory.path);
    const file = directory.join('instance.key');
    await chmod(file, 0o644);
    await expect(load(directory.path)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining(`chmod 600 ${file}`),
    });
    await chmod(file, 0o600);
    expect(await load(directory.path)).toEqual(key);
  });

  test.for(['', 'abc', 'f'.repeat(63), `${'f'.repeat(64)}0`, 'g'.repeat(64)])(
    'is refused when the file holds %j',
    async (text) => {
      await using directory = await makeTempDir();
      const file = directory.join('instance.key');
      await writeFile(file, text, { mode: 0o600 });
      await expect(load(directory.path)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringContaining(file),
      });
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );
});
