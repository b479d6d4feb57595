/** Completes package-lock.json for the platforms that the registry in reach lacks; with `--check`, only says what is wrong. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { completeLockFile, missingPlatformPackages, withAddress, type LockFile } from './house/lock-file.ts';

const path = join(import.meta.dirname, '..', 'package-lock.json');
const lock: LockFile = JSON.parse(await readFile(path, 'utf8'));

const addressed = withAddress(lock);
if (addressed.length > 0) {
  console.error(`package-lock.json holds registry addresses, the first for ${addressed[0]}.`);
  console.error('Delete them, and install again with the .npmrc of this project.');
  process.exitCode = 1;
}
const missing = Object.keys(missingPlatformPackages(lock));
if (missing.length > 0) {
  if (process.argv.includes('--check')) {
    console.error(
      `package-lock.json lacks ${missing.length} packages for other platforms, the first is ${missing[0]}.`,
    );
    console.error('Run: node scripts/complete-lock-file.ts');
    process.exitCode = 1;
  } else {
    await writeFile(path, `${JSON.stringify(completeLockFile(lock), undefined, 2)}\n`);
    console.log(`Added ${missing.length} packages for other platforms.`);
  }
}
