import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('the guide shows the example that is tested, whole', async () => {
  const guide = await readFile('docs/plugins.md', 'utf8');
  const example = await readFile('test/fixtures/plugins/sqlite-storage.ts', 'utf8');
  expect(guide).toContain(`\`\`\`ts\n${example}\`\`\``);
});
