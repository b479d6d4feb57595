/** `strongroom plugin …` */
import { notFound } from '../api/not-found.ts';
import { operation } from '../api/operation.ts';
import type { ApiClient } from '../api/client.ts';
import type { MakeAction, StrongroomCommand } from '../command.ts';
import { StrongroomError } from '../../errors.ts';
import { settingFields, settingType } from '../input/settings.ts';
import type { SettingSchema } from '../input/settings.ts';
import { constant } from '../input/values.ts';
import { formatWord } from '../output/format.ts';
import { factLines, tableLines } from '../output/table.ts';
import { printable } from '../output/text.ts';
import type { Session } from '../session.ts';
import { printList } from './shared.ts';

const kinds = ['STORAGE', 'COMPRESSOR', 'ENCRYPTOR', 'SOURCE', 'NOTIFIER'] as const;
type Kind = (typeof kinds)[number];

export interface Plugin {
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly builtIn: boolean;
  readonly content: string | null;
  readonly configurationSchema: SettingSchema;
}

export const listPlugins = operation<{ readonly plugins: readonly Plugin[] }, { readonly kind: string | null }>(`
  query ListPlugins($kind: PluginKind) {
    plugins(kind: $kind) { kind name version description builtIn content configurationSchema }
  }`);

/** The plugin of that kind and name; rejects with `PLUGIN_UNKNOWN`. */
export async function findPlugin(api: ApiClient, kind: Kind, name: string): Promise<Plugin> {
  const { plugins } = await api.run(listPlugins, { kind });
  const plugin = plugins.find((one) => one.name === name);
  if (plugin !== undefined) return plugin;
  const known = plugins.map((one) => one.name).join(', ');
  throw new StrongroomError('PLUGIN_UNKNOWN', { kind: formatWord(kind), name, known });
}

async function list(session: Session, { kind }: { readonly kind?: Kind }): Promise<undefined> {
  const { plugins } = await (await session.api()).run(listPlugins, { kind: kind ?? null });
  const columns = [
    { title: 'KIND', cell: (plugin: Plugin) => formatWord(plugin.kind) },
    { title: 'NAME', cell: ({ name }: Plugin) => printable(name) },
    { title: 'VERSION', cell: ({ version }: Plugin) => printable(version) },
    { title: 'BUILT IN', cell: ({ builtIn }: Plugin) => (builtIn ? 'yes' : 'no') },
    { title: 'DESCRIPTION', cell: ({ description }: Plugin) => printable(description) },
  ];
  printList(session, { nodes: plugins, totalCount: plugins.length }, columns, 'There are no such plugins.');
  return undefined;
}

function pluginLines(plugin: Plugin): string[] {
  const schema = plugin.configurationSchema;
  const fields = settingFields(schema);
  const use = ([field, one]: readonly [string, SettingSchema]): string => {
    if (one.writeOnly === true) return 'secret';
    if (one.default !== undefined) return `default ${JSON.stringify(one.default)}`;
    return schema.required?.includes(field) === true ? 'required' : 'optional';
  };
  return [
    ...factLines([
      ['Name', printable(plugin.name)],
      ['Kind', formatWord(plugin.kind)],
      ['Version', printable(plugin.version)],
      ['Content', plugin.content === null ? undefined : formatWord(plugin.content)],
      ['Description', printable(plugin.description)],
    ]),
    '',
    ...(fields.length === 0
      ? ['It has no configuration.']
      : tableLines(fields, [
          { title: 'FIELD', cell: ([field]) => printable(field) },
          { title: 'TYPE', cell: ([, one]) => printable(settingType(one)) },
          { title: 'USE', cell: (field) => printable(use(field)) },
          { title: 'DESCRIPTION', cell: ([, one]) => printable(one.description ?? '') },
        ])),
  ];
}

async function show(session: Session, name: string, { kind }: { readonly kind?: Kind }): Promise<undefined> {
  const { plugins } = await (await session.api()).run(listPlugins, { kind: kind ?? null });
  const found = plugins.filter((plugin) => plugin.name === name);
  if (found.length === 0) {
    throw notFound(
      'plugin',
      name,
      plugins.map((plugin) => plugin.name),
    );
  }
  session.output.result(found, () =>
    found.flatMap((plugin, index) => (index === 0 ? pluginLines(plugin) : ['', ...pluginLines(plugin)])),
  );
  return undefined;
}

export function addPluginCommands(program: StrongroomCommand, action: MakeAction): void {
  const group = program
    .command('plugin')
    .description('See the plugins that are loaded, and what they want to know.')
    .example('strongroom plugin list', 'See all plugins');
  group
    .command('list')
    .description('Lists the plugins.')
    .option('-k, --kind <kind>', 'only of this kind', constant(kinds))
    .example('strongroom plugin list --kind source', 'See what can be backed up')
    .action(action(list));
  group
    .command('show')
    .description('Shows a plugin with the fields of its configuration; all of that name when several kinds have one.')
    .argument('<name>', 'its name')
    .option('-k, --kind <kind>', 'only of this kind', constant(kinds))
    .example('strongroom plugin show postgres', 'See how a PostgreSQL database is configured')
    .action(action(show));
}
