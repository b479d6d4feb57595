import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { setUp, type Machine, type Need } from '../../scripts/house/set-up.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** A machine whose package lists are stale until they are read anew. */
function machineWith(options: { readonly canInstall: boolean; readonly listsAreStale: boolean }) {
  const installed = new Set<string>();
  const commands: string[] = [];
  const printed: string[] = [];
  let stale = options.listsAreStale;
  const machine: Machine = {
    canInstall: options.canInstall,
    print: (line) => printed.push(line),
    run: (command, args) => {
      commands.push([command, ...args].join(' '));
      if (args[0] === 'update') stale = false;
      else if (stale) return Promise.resolve(false);
      else for (const name of args) installed.add(name);
      return Promise.resolve(true);
    },
  };
  const need = (name: string): Need => ({ what: name, debianPackage: name, isMet: async () => installed.has(name) });
  return { machine, need, commands, printed, installed };
}

it('does nothing when everything is there', async () => {
  const { machine, need, commands, installed } = machineWith({ canInstall: true, listsAreStale: false });
  installed.add('postgresql');
  expect(await setUp([need('postgresql')], machine)).toBe(true);
  expect(commands).toEqual([]);
});

it('installs what is missing without reading the package lists anew', async () => {
  const { machine, need, commands } = machineWith({ canInstall: true, listsAreStale: false });
  expect(await setUp([need('postgresql'), need('restic')], machine)).toBe(true);
  expect(commands).toEqual(['apt-get install -y -q --no-install-recommends postgresql restic']);
});

it('reads the package lists when they are missing, then installs', async () => {
  const { machine, need, commands } = machineWith({ canInstall: true, listsAreStale: true });
  expect(await setUp([need('postgresql')], machine)).toBe(true);
  expect(commands.map((command) => command.split(' ')[1])).toEqual(['install', 'update', 'install']);
});

it('says what to install where it may not do so itself', async () => {
  const { machine, need, commands, printed } = machineWith({ canInstall: false, listsAreStale: false });
  expect(await setUp([need('postgresql')], machine)).toBe(false);
  expect(commands).toEqual([]);
  expect(printed.join('\n')).toContain('the package postgresql');
});

it('runs as a script: asks apt-get as root, else fails with what to install', async () => {
  await using directory = await makeTempDir('set-up');
  const script = join(import.meta.dirname, '..', '..', 'scripts', 'setup-servers.ts');
  const bin = directory.join('bin');
  await mkdir(bin);
  await writeFile(directory.join('log'), '');
  await writeFile(
    join(bin, 'apt-get'),
    `#!/bin/sh\necho "$DEBIAN_FRONTEND $1" >> '${directory.join('log')}'\nexit 100\n`,
  );
  await chmod(join(bin, 'apt-get'), 0o755);
  const { exitCode, stdout } = await execa(process.execPath, [script, '--bench'], {
    env: { PATH: bin },
    extendEnv: false,
    reject: false,
  });
  expect(exitCode).toBe(1);
  expect(stdout).toContain('the package borgbackup');
  const asked = process.getuid?.() === 0 ? 'noninteractive install\nnoninteractive update\n' : '';
  expect(await readFile(directory.join('log'), 'utf8')).toBe(asked);
});
