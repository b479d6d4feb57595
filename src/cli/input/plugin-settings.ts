/** Gathers the configuration of a plugin: settings from the command line, secrets from files, variables or a prompt. */
import { CommandError, usageError } from './usage.ts';
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

/** Throws `USAGE` that names every required field which has no value yet, in the words of the command line. */
function refuseMissing({ name, configurationSchema: schema }: PluginSchema, settings: Settings): void {
  const missing = settingFields(schema)
    .filter(([field]) => schema.required?.includes(field) === true && settings[field] === undefined)
    .map(([field, { writeOnly }]) =>
      writeOnly === true ? `--secret-file ${field}=… or --secret-env ${field}=…` : `--set ${field}=…`,
    );
  if (missing.length === 0) return;
  const reason = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} needed`;
  throw new CommandError('USAGE', { reason, command: '' }, `See what it asks for with: strongroom plugin show ${name}`);
}

/**
 * The configuration that the options give. With `complete` nothing that is required may be missing; secrets are asked
 * for at a terminal.
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
  if (!complete) return settings;
  const secrets = settingFields(schema).filter(
    ([field, { writeOnly }]) =>
      writeOnly === true && schema.required?.includes(field) === true && settings[field] === undefined,
  );
  if (!session.prompt.interactive || secrets.length === 0) {
    refuseMissing(plugin, settings);
    return settings;
  }
  // Nobody types a secret for a command that can't work.
  refuseMissing(plugin, { ...Object.fromEntries(secrets.map(([field]) => [field, ''])), ...settings });
  for (const [field] of secrets) settings[field] = await session.prompt.secret(`${field}: `);
  return settings;
}
