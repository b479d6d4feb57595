/** `strongroom source add | update | delete` */
import { findNamedOrOnly } from '../../api/named.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { gatherSettings, withSettings } from '../../input/plugin-settings.ts';
import type { SettingOptions } from '../../input/plugin-settings.ts';
import { usageError } from '../../input/usage.ts';
import { collect } from '../../input/values.ts';
import { shellWord } from '../../output/text.ts';
import type { Session } from '../../session.ts';
import { findPlugin } from '../plugin.ts';
import { confirmed, present, subject, withSubject } from '../shared.ts';
import { workloadNames } from '../workloads/documents.ts';
import { createSource, deleteSource, updateSource } from './documents.ts';
import { findSource, withWorkload } from './find.ts';
import type { WorkloadOption } from './find.ts';
import { printSource } from './text.ts';

interface AddOptions extends WorkloadOption, SettingOptions {
  readonly plugin: string;
}

async function add(session: Session, name: string, options: AddOptions): Promise<undefined> {
  const api = await session.api();
  const workload = await findNamedOrOnly(api, workloadNames, options.workload);
  const plugin = await findPlugin(api, 'SOURCE', options.plugin);
  const configuration = await gatherSettings(session, plugin, options, { complete: true });
  const input = { workloadId: workload.id, name, plugin: plugin.name, configuration };
  printSource(session, (await api.run(createSource, { input })).source);
  // Named as it has to be typed: another workload may have a source of that name.
  const where = options.workload === undefined ? '' : ` --workload ${shellWord(workload.name)}`;
  session.output.note(`Prove it: strongroom source test ${shellWord(name)}${where}`);
  return undefined;
}

interface UpdateOptions extends WorkloadOption, SettingOptions {
  readonly id?: string;
  readonly name?: string;
  readonly unset?: readonly string[];
}

async function update(session: Session, argument: string | undefined, options: UpdateOptions): Promise<undefined> {
  const api = await session.api();
  const source = await findSource(api, options, subject(argument, options, 'source'));
  const changed = await gatherSettings(session, await findPlugin(api, 'SOURCE', source.plugin), options, {
    complete: false,
  });
  const unset = options.unset ?? [];
  const reconfigured = Object.keys(changed).length > 0 || unset.length > 0;
  if (!reconfigured && options.name === undefined)
    throw usageError('update', 'say what to change: --name, --set, --unset or a secret.');
  // The API replaces the configuration as a whole; secrets that are absent stay as they are.
  const kept = Object.entries(source.configuration).filter(([field]) => !unset.includes(field));
  const input = present({
    id: source.id,
    name: options.name,
    configuration: reconfigured ? { ...Object.fromEntries(kept), ...changed } : undefined,
  });
  return printSource(session, (await api.run(updateSource, { input })).source);
}

interface DeleteOptions extends WorkloadOption {
  readonly id?: string;
  readonly yes?: boolean;
}

async function remove(session: Session, argument: string | undefined, options: DeleteOptions): Promise<undefined> {
  const api = await session.api();
  const { id, name } = await findSource(api, options, subject(argument, options, 'source'));
  if (!(await confirmed(session, options, `Delete the source ${name}? Its backups stay.`))) return undefined;
  await api.run(deleteSource, { id });
  session.output.result({ id }, () => [`Deleted ${name}.`]);
  return undefined;
}

export function addSourceChanges(group: StrongroomCommand, action: MakeAction): void {
  withSettings(
    withWorkload(
      group
        .command('add')
        .alias('create')
        .description('Adds a source to a workload.')
        .argument('<name>', 'its name: lower case letters, digits, dashes')
        .requiredOption('-p, --plugin <plugin>', 'what reads it; "plugin list --kind source" shows all'),
    ),
  )
    .example(
      `strongroom source add uploads --workload shop --plugin directory --set path=/srv/uploads --set exclude='["*.tmp"]'`,
      'Add a folder',
    )
    .example(
      'strongroom source add settings --workload shop --plugin configuration --set root=/srv/shop --set paths=/srv/shop/.env',
      'Add a file with settings; backups show it as /configuration/settings/.env',
    )
    .example(
      'strongroom source add orders --plugin postgres --set host=db --set database=orders --secret-file password=./db-password',
      'Add a database',
    )
    .action(action(add));
  withSettings(
    withWorkload(
      withSubject(group.command('update').description('Changes the name or the configuration of a source.'), 'source'),
    ),
  )
    .option('-n, --name <name>', 'new name')
    .option('--unset <field>', 'a field to leave out again; may be given several times', collect)
    .example('strongroom source update uploads --set path=/mnt/uploads', 'Follow a folder that has moved')
    .action(action(update));
  withWorkload(
    withSubject(group.command('delete').description('Deletes a source; what was backed up from it stays.'), 'source'),
  )
    .option('-y, --yes', 'do not ask')
    .example('strongroom source delete uploads --workload shop --yes', 'Delete it without being asked')
    .action(action(remove));
}
