/** Gathers the configuration of a plugin: settings from the command line, secrets from files, variables or a prompt. */
import { usageError } from './usage.ts';
import { fieldSchema, parseSettings, settingFields, splitSetting } from './settings.ts';
import type { Settings, SettingSchema } from './settings.ts';
import { readSecretText } from './secrets.ts';
import { collect } from './values.ts';
import type { StrongroomCommand } from '../command.ts';
import type { Session } from '../session.ts';

export interface SettingOptions {
  readonly set?: readonly string[];
  readonly secretFile?: readonly string[];
  readonly secretEnv?: readonly string[];
}

/** Adds `--set`, `--secret-file` and `--secret-env`. */
export const withSettings = (command: StrongroomCommand): StrongroomCommand =>
  command
    .option('--set <field=value>', 'a field of the configuration; may be given several times', collect)
    .option('--secret-file <field=file>', 'a secret field, read from a file or - for standard input', collect)
    .option('--secret-env <field=name>', 'a secret field, read from an environment variable', collect);

export interface PluginSchema {
  readonly name: string;
  readonly configurationSchema: SettingSchema;
}

function secretField(text: string, option: string, plugin: PluginSchema): readonly [string, string] {
  const [field, place] = splitSetting(text, option);
  fieldSchema(plugin.configurationSchema, field, plugin.name);
  return [field, place];
}

async function givenSecrets(session: Session, options: SettingOptions, plugin: PluginSchema): Promise<Settings> {
  const secrets: Record<string, unknown> = {};
  for (const text of options.secretFile ?? []) {
    const [field, path] = secretField(text, '--secret-file', plugin);
    secrets[field] = await readSecretText(path, `--secret-file ${field}`, session.deps.stdin);
  }
  for (const text of options.secretEnv ?? []) {
    const [field, name] = secretField(text, '--secret-env', plugin);
    const value = session.deps.environment.variable(name);
    if (value === undefined || value === '')
      throw usageError('--secret-env', `the environment variable ${name} is not set.`);
    secrets[field] = value;
  }
  return secrets;
}

/**
 * The configuration that the options give. With `complete`, secrets that are required and missing are asked for at a
 * terminal; where nobody can be asked, the API says what is missing.
 */
export async function gatherSettings(
  session: Session,
  plugin: PluginSchema,
  options: SettingOptions,
  { complete }: { readonly complete: boolean },
): Promise<Settings> {
  const schema = plugin.configurationSchema;
  const settings: Record<string, unknown> = {
    ...parseSettings(options.set ?? [], schema, plugin.name),
    ...(await givenSecrets(session, options, plugin)),
  };
  if (!complete || !session.prompt.interactive) return settings;
  for (const [field, { writeOnly }] of settingFields(schema)) {
    if (writeOnly === true && schema.required?.includes(field) === true && settings[field] === undefined) {
      settings[field] = await session.prompt.secret(`${field}: `);
    }
  }
  return settings;
}
