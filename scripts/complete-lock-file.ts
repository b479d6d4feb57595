/** Completes package-lock.json for the platforms that the registry in reach lacks; with `--check`, only says what is wrong. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  completeLockFile,
  missingPlatformPackages,
  unreviewedScripts,
  withAddress,
  type LockFile,
} from './house/lock-file.ts';

const root = join(import.meta.dirname, '..');
const path = join(root, 'package-lock.json');
const lock: LockFile = JSON.parse(await readFile(path, 'utf8'));

const addressed = withAddress(lock);
if (addressed.length > 0) {
  console.error(`package-lock.json holds registry addresses, the first for ${addressed[0]}.`);
  console.error('Delete them, and install again with the .npmrc of this project.');
  process.exitCode = 1;
}
const { allowScripts }: { readonly allowScripts: Readonly<Record<string, boolean>> } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);
for (const name of unreviewedScripts(lock, allowScripts)) {
  console.error(`${name} has an install script: say true or false for it under "allowScripts" in package.json.`);
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
