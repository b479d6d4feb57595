/** A sample application: an SQLite database, a PostgreSQL database where the machine has one, uploads and configuration. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '../../test/support/postgres-server.ts';
import { findPostgresBinaries } from '../../test/support/programs.ts';
import { Fingerprint, fingerprintTree } from './fingerprint.ts';
import { changeConfiguration, changeUploads, makeConfiguration, makeUploads } from './files.ts';
import { PostgresPart } from './postgres-part.ts';
import type { SourceInput } from './source-input.ts';
import { SqlitePart } from './sqlite-part.ts';

export interface Application extends AsyncDisposable {
  /** What it is made of, in words. */
  readonly parts: readonly string[];
  readonly sources: readonly SourceInput[];
  /** Works on it as its users would; says what changed. */
  change(): Promise<string>;
  /** Every file and every row. */
  fingerprint(): Promise<Fingerprint>;
  /** Loses everything. */
  destroy(): Promise<void>;
}

export async function makeApplication(root: string): Promise<Application> {
  await using owned = new AsyncDisposableStack();
  const uploads = join(root, 'uploads');
  const configuration = join(root, 'config');
  await mkdir(uploads, { recursive: true });
  await mkdir(configuration);
  const files = await makeUploads(uploads);
  await makeConfiguration(configuration);
  const sqlite = new SqlitePart(join(root, 'archive.sqlite'));
  const postgres =
    (await findPostgresBinaries()) === undefined
      ? undefined
      : await PostgresPart.make(owned.use(await startPostgres({ fsync: 'on' })));
  const stack = owned.move();
  return {
    parts: [
      `uploads: ${files} files: text, images and duplicates of some of them`,
      `SQLite: ${sqlite.rows} rows`,
      postgres === undefined
        ? 'PostgreSQL: left out, no server was found on this machine'
        : `PostgreSQL: ${postgres.rows} rows`,
      'configuration: settings, an environment file and a certificate',
    ],
    sources: [
      { name: 'uploads', plugin: 'directory', configuration: { path: uploads } },
      { name: 'config', plugin: 'configuration', configuration: { root, paths: [configuration] } },
      { name: 'archive', plugin: 'sqlite', configuration: { path: sqlite.path } },
      ...(postgres === undefined ? [] : [postgres.source]),
    ],
    async change() {
      const changed = await changeUploads(uploads);
      await changeConfiguration(configuration);
      const rows = sqlite.change() + ((await postgres?.change()) ?? 0);
      return `${changed} files and ${rows} rows changed`;
    },
    async fingerprint() {
      const facts = new Map<string, string>();
      await fingerprintTree(uploads, facts);
      await fingerprintTree(configuration, facts);
      sqlite.fingerprint(facts);
      await postgres?.fingerprint(facts);
      return new Fingerprint(facts);
    },
    async destroy() {
      await rm(uploads, { recursive: true });
      await rm(configuration, { recursive: true });
      await rm(sqlite.path);
      await postgres?.destroy();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
