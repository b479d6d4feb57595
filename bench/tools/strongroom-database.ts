/** Strongroom for databases: as `strongroom.ts`, with a server's database for a source and for a target. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { OURS } from '../samples.ts';
import type { Service } from './service.ts';

/** A tool that backs up databases of a server. What it answers are seconds, of whole processes. */
export interface DatabaseTool {
  readonly name: string;
  /** Where its repository is: a folder. */
  readonly repository: string;
  /** Makes an empty repository for backups of a database, and removes the one before. Not measured. */
  prepare(database: string): Promise<void>;
  backup(): Promise<number>;
  /** Makes the database to restore into, where the tool does not do that itself. Not measured. */
  prepareRestore(database: string): Promise<void>;
  /** Restores the last backup into a database of that name. */
  restore(database: string): Promise<number>;
}

export interface DatabaseSource {
  readonly plugin: string;
  /** How the server is reached, with its password. */
  readonly settings: Readonly<Record<string, string | number>> & { readonly password: string };
}

export function strongroomDatabase({ place }: Bench, service: Service, source: DatabaseSource): DatabaseTool {
  const repository = join(place, service.newName('strongroom'));
  const secret = join(place, service.newName('password'));
  const { password, ...settings } = source.settings;
  let name: string | undefined;
  let workload = '';
  return {
    name: OURS,
    repository,
    async prepare(database) {
      if (name !== undefined) {
        await service.command('repository', 'delete', name, '--force', '--yes');
        await rm(repository, { recursive: true });
      }
      name = service.newName('repository');
      const at = ['--set', `path=${repository}`, '--generate-passphrase'];
      await service.command('repository', 'create', name, ...at);
      workload = service.newName('workload');
      await service.command('workload', 'create', workload);
      await writeFile(secret, password, { mode: 0o600 });
      const fields = Object.entries({ ...settings, database }).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
      const how = ['-w', workload, '-p', source.plugin, ...fields, '--secret-file', `password=${secret}`];
      await service.command('source', 'add', 'database', ...how);
    },
    backup: () => service.command('backup', 'create', '-w', workload, '-r', name ?? ''),
    prepareRestore: async () => undefined,
    restore: (database) => service.command('backup', 'restore', 'latest', '--database', database),
  };
}
