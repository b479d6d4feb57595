/** Refuses breaking changes of schema.graphql that CHANGELOG.md does not announce. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { breakingChanges, unannounced } from './house/breaking-changes.ts';
import { findSchemaBase } from './house/schema-base.ts';
import { readIfPresent } from './house/text-file.ts';

const root = process.argv[2] ?? join(import.meta.dirname, '..');
const base = await findSchemaBase(root);
if (base === undefined) {
  console.log('There is no earlier schema.graphql to compare with.');
} else {
  const present = await readFile(join(root, 'schema.graphql'), 'utf8');
  const changelog = await readIfPresent(join(root, 'CHANGELOG.md'));
  const changes = await breakingChanges(base.text, present);
  const silent = unannounced(changes, changelog);
  console.log(`Compared with ${base.origin}: ${changes.length} breaking changes, ${silent.length} not announced.`);
  for (const { path, message } of silent) console.error(`  ${path}: ${message}`);
  if (silent.length > 0) {
    console.error(
      'Name each of them in CHANGELOG.md under "## Unreleased", "### Breaking", or keep the schema compatible.',
    );
    process.exitCode = 1;
  }
}
