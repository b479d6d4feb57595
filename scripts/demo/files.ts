/** The files of the sample application; the same on every run. */
import { chmod, copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCipheriv, type Cipheriv } from 'node:crypto';

const FOLDERS = 60;
const FILES_A_FOLDER = 50;
const WORDS =
  'archive letter deed charter map portrait ledger minutes parish harbour winter census ship widow mayor'.split(' ');

/** Bytes that do not compress, the same on every run. */
class Noise {
  readonly #cipher: Cipheriv = createCipheriv('aes-256-ctr', Buffer.alloc(32, 7), Buffer.alloc(16));

  bytes(length: number): Buffer {
    return this.#cipher.update(Buffer.alloc(length));
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return this.bytes(4).readUInt32LE() % limit;
  }
}

/** Returns how many files were made. */
export async function makeUploads(root: string): Promise<number> {
  const noise = new Noise();
  let files = 0;
  for (let folder = 0; folder < FOLDERS; folder++) {
    const directory = join(root, `collection-${String(folder).padStart(3, '0')}`);
    await mkdir(directory);
    for (let file = 0; file < FILES_A_FOLDER; file++, files++) {
      if (file % 5 === 0) await writeFile(join(directory, `scan-${file}.jpg`), image(noise));
      else if (file % 5 === 1 && file > 5)
        await copyFile(join(directory, 'scan-0.jpg'), join(directory, `copy-${file}.jpg`));
      else await writeFile(join(directory, `transcript-${file}.txt`), text(noise));
    }
    await chmod(join(directory, 'transcript-2.txt'), 0o640);
    await symlink('scan-0.jpg', join(directory, 'cover.jpg'));
  }
  await writeFile(join(root, 'Übersicht – Ausgabe 1.txt'), 'Namen mit Umlauten und Leerzeichen\n');
  return files + 1;
}

/** Returns how many files changed. */
export async function changeUploads(root: string): Promise<number> {
  const folders = (await readdir(root)).filter((name) => name.startsWith('collection')).slice(0, 6);
  for (const folder of folders) {
    await writeFile(join(root, folder, 'transcript-3.txt'), `corrected by hand in ${folder}\n`);
    await writeFile(join(root, folder, 'added.txt'), `new in ${folder}\n`);
  }
  return folders.length * 2;
}

export async function makeConfiguration(root: string): Promise<void> {
  await writeFile(join(root, 'settings.json'), '{ "title": "Town archives", "language": "en" }\n');
  await writeFile(join(root, '.env'), 'APP_KEY=not-a-real-key\n', { mode: 0o600 });
  await writeFile(
    join(root, 'tls.pem'),
    '-----BEGIN CERTIFICATE-----\nbm90IGEgcmVhbCBvbmU=\n-----END CERTIFICATE-----\n',
  );
}

export async function changeConfiguration(root: string): Promise<void> {
  await writeFile(join(root, 'settings.json'), '{ "title": "Town archives", "language": "de" }\n');
}

const image = (noise: Noise): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), noise.bytes(20_000 + noise.below(60_000))]);

function text(noise: Noise): string {
  const words = Array.from({ length: 200 + noise.below(2000) }, () => WORDS[noise.below(WORDS.length)]);
  return `${words.join(' ')}\n`;
}
