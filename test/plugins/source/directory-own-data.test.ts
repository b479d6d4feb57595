import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import directory from '../../../plugins/source/directory/index.ts';
import { createPluginHost } from '../../../src/plugins.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { entriesOf } from '../../support/source-harness.ts';

test("a directory above Strongroom's own data is backed up without it", async () => {
  await using place = await makeTempDir();
  const data = place.join('state', 'strongroom');
  await mkdir(data, { recursive: true });
  await writeFile(place.join('state', 'kept'), 'kept');
  await writeFile(`${data}/instance.key`, 'a key');
  const host = createPluginHost({ roots: [place.path], dataDir: data });
  await using source = await directory.create({ path: place.path }, host);
  const context = {
    signal: new AbortController().signal,
    scratch: '',
    warn: () => {},
    expect: () => {},
    table: () => {},
  };
  const paths: string[] = [];
  for await (const { path } of entriesOf(source.read({}, context))) paths.push(path.toString());
  expect(paths).toEqual(['', 'state', 'state/kept']);
});
