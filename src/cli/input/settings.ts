/** Plugin settings as they are typed: `path=/srv/uploads`, given their type by the plugin's JSON Schema. */
import { usageError } from './usage.ts';

/** What this reads of a JSON Schema; the API checks the rest. */
export interface SettingSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly required?: readonly string[];
  readonly items?: SettingSchema | boolean;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SettingSchema[];
  readonly default?: unknown;
  readonly writeOnly?: boolean;
}

export type Settings = Readonly<Record<string, unknown>>;

/** The fields of a schema, or none. */
export const settingFields = (schema: SettingSchema): readonly (readonly [string, SettingSchema])[] =>
  Object.entries(schema.properties ?? {});

const typesOf = (schema: SettingSchema): readonly string[] => [
  ...(typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])),
  ...(schema.anyOf ?? []).flatMap(typesOf),
];

/** The type of a field for people: `string`, `list of string`. */
export function settingType(schema: SettingSchema): string {
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ');
  if (schema.type === 'array' && typeof schema.items === 'object') return `list of ${settingType(schema.items)}`;
  return typesOf(schema).join(' | ') || 'any';
}

function parseJson(field: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(field, `"${text}" is no JSON.`, error);
  }
}

/** The value that `text` stands for in a field of that schema. */
function valueOf(field: string, text: string, schema: SettingSchema): unknown {
  const types = typesOf(schema);
  const allows = (type: string): boolean => types.includes(type);
  if (allows('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if ((allows('integer') || allows('number')) && /^-?\d+(\.\d+)?$/u.test(text)) return Number(text);
  if (allows('null') && text === 'null') return null;
  if (allows('object') && text.startsWith('{')) return parseJson(field, text);
  if (allows('string')) return text;
  if (allows('array')) return parseJson(field, text);
  if (types.length === 0) return /^[[{]/u.test(text) ? parseJson(field, text) : text;
  throw usageError(field, `"${text}" is no ${settingType(schema)}.`);
}

const listItem = (schema: SettingSchema): SettingSchema => (typeof schema.items === 'object' ? schema.items : {});

/** Splits `name=value`. */
export function splitSetting(text: string, option: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(option, `"${text}" must be field=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The schema of a field. Throws `INPUT_INVALID` that lists the fields there are. */
export function fieldSchema(schema: SettingSchema, field: string, plugin: string): SettingSchema {
  const known = Object.hasOwn(schema.properties ?? {}, field) ? schema.properties?.[field] : undefined;
  if (known !== undefined) return known;
  const names = settingFields(schema)
    .map(([name]) => name)
    .join(', ');
  throw usageError(field, `the plugin ${plugin} has no such field; it has: ${names === '' ? 'none' : names}.`);
}

/**
 * Reads `--set` options. A list is given as JSON, or item by item with the option repeated. Secrets are refused here:
 * a command line can be seen by every user of the machine.
 */
export function parseSettings(texts: readonly string[], schema: SettingSchema, plugin: string): Settings {
  const settings: Record<string, unknown> = {};
  for (const text of texts) {
    const [field, value] = splitSetting(text, '--set');
    const known = fieldSchema(schema, field, plugin);
    if (known.writeOnly === true) {
      throw usageError(field, 'a secret does not belong on the command line; use --secret-file or --secret-env.');
    }
    if (known.type === 'array' && !value.startsWith('[')) {
      const before = settings[field];
      settings[field] = [...(Array.isArray(before) ? before : []), valueOf(field, value, listItem(known))];
    } else {
      settings[field] = valueOf(field, value, known);
    }
  }
  return settings;
}
