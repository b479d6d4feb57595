/**
 * Strongroom as users meet it: its command line asks a running service and waits for the end. The start of the command counts, the
 * start of the service does not.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { OURS } from '../samples.ts';
import type { Service } from './service.ts';
import type { Tool } from './tool.ts';

export interface Strongroom extends Tool {
  /** Backs up another folder from now on, into the same repository, where it has no backup yet. Not measured. */
  turnTo(source: string): Promise<void>;
}

/** How it is set up where the defaults are not what is measured. */
export interface StrongroomOptions {
  /** Source plugin; gets the source as `path`. */
  readonly plugin?: string;
  readonly compressionLevel?: number;
}

const SOURCE = 'data';

/** @param service must outlive it; several may share one */
export function strongroom({ place }: Bench, service: Service, options: StrongroomOptions = {}): Strongroom {
  const { plugin = 'directory', compressionLevel } = options;
  const level = compressionLevel === undefined ? [] : ['--compression-level', String(compressionLevel)];
  const repository = join(place, service.newName('strongroom'));
  let name: string | undefined;
  let workload = '';
  const turnTo = async (source: string): Promise<void> => {
    workload = service.newName('workload');
    await service.command('workload', 'create', workload);
    await service.command('source', 'add', SOURCE, '-w', workload, '-p', plugin, '--set', `path=${source}`);
  };
  return {
    name: OURS,
    repository,
    async prepare(source) {
      if (name !== undefined) {
        await service.command('repository', 'delete', name, '--force', '--yes');
        await rm(repository, { recursive: true });
      }
      name = service.newName('repository');
      await service.command(
        'repository',
        'create',
        name,
        '--set',
        `path=${repository}`,
        '--generate-passphrase',
        ...level,
      );
      await turnTo(source);
    },
    turnTo,
    backup: () => service.command('backup', 'create', '-w', workload, '-r', name ?? '', '--type', 'incremental'),
    restore: (target, path) =>
      service.command(
        'backup',
        'restore',
        'latest',
        '--to',
        target,
        ...(path === undefined ? [] : ['--path', `/files/${SOURCE}/${path}`]),
      ),
    verify: () => service.command('backup', 'verify', 'latest'),
  };
}
