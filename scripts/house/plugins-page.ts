/** docs/plugins-builtin.md: every built-in plugin with its configuration. */
import { z } from 'zod';
import type { Plugin, PluginKind } from '../../src/contracts/index.ts';
import { configurationJsonSchema } from '../../src/plugins/configuration.ts';
import { code, table } from './markdown.ts';

const kinds: Readonly<Record<PluginKind, string>> = {
  storage: 'Storage targets',
  compressor: 'Compressors',
  encryptor: 'Encryptors',
  source: 'Sources',
  notifier: 'Notifiers',
};

const field = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  get items() {
    return field.optional();
  },
  get anyOf() {
    return z.array(field).optional();
  },
  get oneOf() {
    return z.array(field).optional();
  },
  default: z.unknown().optional(),
  description: z.string().optional(),
  writeOnly: z.boolean().optional(),
});
type Field = z.infer<typeof field>;

const configuration = z.object({
  properties: z.record(z.string(), field).default({}),
  required: z.array(z.string()).default([]),
});

export function pluginsPage(plugins: readonly Plugin[]): string {
  const sections = (Object.keys(kinds) as PluginKind[])
    .map((kind) => {
      const ofKind = plugins.filter((plugin) => plugin.kind === kind);
      return ofKind.length === 0 ? '' : `\n## ${kinds[kind]}\n${ofKind.map(section).join('')}`;
    })
    .join('');
  return `<!-- Made from plugins/index.ts by \`npm run generate\`: do not edit. -->

# Built-in plugins

What comes with Strongroom, and how each is configured. Secret fields are stored sealed and never shown again. How to write
one: [plugins.md](plugins.md).
${sections}`;
}

function section(plugin: Plugin): string {
  const content = plugin.kind === 'source' ? ` · content ${code(plugin.content)}` : '';
  return `\n### ${plugin.name}\n\n${plugin.description} (Version ${plugin.version}${content})\n\n${levels(plugin)}${fields(plugin)}`;
}

/** The levels of a compressor; nothing for one that has but one, or that can't be made without a configuration. */
function levels(plugin: Plugin): string {
  if (plugin.kind !== 'compressor') return '';
  const configured = plugin.configuration.safeParse({});
  if (!configured.success) return '';
  const { min, max, default: usual } = plugin.create(configured.data).levels;
  return min === max ? '' : `Levels ${min} to ${max}, ${usual} by default.\n\n`;
}

function fields(plugin: Plugin): string {
  const { properties, required } = configuration.parse(configurationJsonSchema(plugin));
  const rows = Object.entries(properties).map(([name, given]) => [
    code(name),
    typeOf(given),
    given.default === undefined ? (required.includes(name) ? 'required' : '') : code(JSON.stringify(given.default)),
    `${given.writeOnly === true ? '**Secret.** ' : ''}${given.description ?? ''}`,
  ]);
  return rows.length === 0 ? 'Nothing to configure.\n' : table(['Field', 'Type', 'Default', 'Meaning'], rows);
}

function typeOf({ type, enum: values, const: value, items, anyOf, oneOf }: Field): string {
  const variants = anyOf ?? oneOf;
  if (variants !== undefined) return variants.map(typeOf).join(' or ');
  if (values !== undefined) return values.map((one) => code(JSON.stringify(one))).join(', ');
  if (value !== undefined) return code(JSON.stringify(value));
  if (type === 'array' && items !== undefined) return `list of ${typeOf(items)}`;
  return type === undefined ? 'any' : [type].flat().join(' or ');
}
