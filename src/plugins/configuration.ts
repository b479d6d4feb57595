/** A plugin's configuration: checked when it comes in, described as JSON Schema for whoever fills it in. */
import { z } from 'zod';
import type { Plugin } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schema of what a plugin is configured with: an object. Secret fields are `writeOnly`. Throws what the schema
 * throws if it can't be described; plugins with such a one are never loaded.
 */
export function configurationJsonSchema(plugin: Pick<Plugin, 'configuration'>): JsonSchema {
  // The plugin's own copy of zod knows its schemas best; versions before 4.2 don't offer this.
  const own = standardJsonSchema.safeParse(plugin.configuration);
  const schema: unknown = own.success
    ? own.data['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
    : z.toJSONSchema(plugin.configuration, { io: 'input' });
  return jsonObject.parse(schema);
}

const jsonObject = z.record(z.string(), z.unknown());
const method = z.custom<(options: { readonly target: string }) => unknown>((value) => typeof value === 'function');
const standardJsonSchema = z.object({ '~standard': z.object({ jsonSchema: z.object({ input: method }) }) });

/**
 * The configuration as the plugin takes it: checked, defaults filled in. Throws `INPUT_INVALID` naming the first wrong
 * field as `configuration.<path>`; the reason never repeats what was given, which may be secret.
 */
export function parseConfiguration(plugin: Plugin, configuration: unknown): Record<string, unknown> {
  const result = plugin.configuration.safeParse(configuration);
  if (!result.success) throw invalid(result.error.issues.map((issue) => wrongField(issue)));
  const unknown = unknownKeys(plugin, configuration);
  if (unknown.length > 0) throw invalid(unknown.map((key) => ({ field: fieldName([key]), reason: NOT_KNOWN })));
  return result.data;
}

const NOT_KNOWN = 'is not a field of this configuration';

interface WrongField {
  readonly field: string;
  readonly reason: string;
}

const fieldName = (path: readonly PropertyKey[]): string => ['configuration', ...path.map(String)].join('.');

function wrongField(issue: z.core.$ZodIssue): WrongField {
  if (issue.code !== 'unrecognized_keys') return { field: fieldName(issue.path), reason: issue.message };
  return { field: fieldName([...issue.path, issue.keys.join(', ')]), reason: NOT_KNOWN };
}

function invalid(wrong: readonly WrongField[]): StrongroomError {
  const [first, ...others] = wrong;
  const more = others.map(({ field, reason }) => `; ${field}: ${reason}`).join('');
  return new StrongroomError('INPUT_INVALID', {
    field: first?.field ?? 'configuration',
    reason: `${first?.reason ?? 'is wrong'}${more}`,
  });
}

/** Keys that a schema would drop in silence: a plain `z.object()` does, and then a misspelt field goes unnoticed. */
function unknownKeys(plugin: Plugin, configuration: unknown): string[] {
  const { properties, additionalProperties } = described.parse(configurationJsonSchema(plugin));
  if (additionalProperties !== undefined && additionalProperties !== false) return [];
  return Object.keys(jsonObject.parse(configuration)).filter((key) => !Object.hasOwn(properties, key));
}

const described = z.object({ properties: jsonObject.default({}), additionalProperties: z.unknown().optional() });
