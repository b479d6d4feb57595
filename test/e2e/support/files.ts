/** Files to back up, and folders to compare. */
import { randomBytes, randomFillSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprintTree } from '../../../scripts/demo/fingerprint.ts';

export const MIB = 2 ** 20;

/** Makes `count` files of so many bytes that neither compress nor deduplicate. */
export async function makeNoise(folder: string, count: number, size: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bytes = Buffer.alloc(size);
  for (let index = 0; index < count; index++) {
    await writeFile(join(folder, `noise-${String(index).padStart(4, '0')}`), randomFillSync(bytes));
  }
}

/** Makes `count` files of so many hexadecimal digits: they compress by half, and slowly at a high level. */
export async function makeDigits(folder: string, count: number, size: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    await writeFile(join(folder, `digits-${index}`), randomBytes(size / 2).toString('hex'));
  }
}

/** Makes `count` small files of text. */
export async function makeTexts(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index++) await writeFile(join(folder, `text-${index}.txt`), `text ${index}\n`);
}

/** All facts about a folder, named by their paths below it. */
export async function treeFacts(folder: string): Promise<Record<string, string>> {
  const facts = new Map<string, string>();
  await fingerprintTree(folder, facts);
  return Object.fromEntries([...facts].map(([path, fact]) => [path.slice(folder.length), fact]));
}
