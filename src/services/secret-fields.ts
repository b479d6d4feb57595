/** Tells the secret fields of a plugin's configuration from the others: the schema marks them `writeOnly`. */
import { z } from 'zod';
import type { JsonSchema } from '../plugins.ts';

/** A configuration as JSON. */
export type Configuration = Readonly<Record<string, unknown>>;

export interface SplitConfiguration {
  /** Everything that may be shown. */
  readonly open: Configuration;
  /** The secret fields at their places; `undefined` when there are none. */
  readonly secrets: Configuration | undefined;
}

const object = z.record(z.string(), z.unknown());
const isObject = (value: unknown): value is Configuration =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Takes the secret fields out. A list that holds any secret counts as secret as a whole. */
export function splitSecrets(schema: JsonSchema, configuration: Configuration): SplitConfiguration {
  const open: Record<string, unknown> = {};
  const secrets: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(configuration)) {
    const fields = fieldSchemas(schema, schema, key);
    if (fields.some((field) => isSecret(schema, field))) {
      secrets[key] = value;
    } else if (isObject(value)) {
      const inner = splitSecrets({ ...merged(fields), $defs: schema['$defs'] }, value);
      open[key] = inner.open;
      if (inner.secrets !== undefined) secrets[key] = inner.secrets;
    } else {
      open[key] = value;
    }
  }
  return { open, secrets: Object.keys(secrets).length > 0 ? secrets : undefined };
}

/** Puts secret fields back to their places. */
export function joinSecrets(open: Configuration, secrets: Configuration | undefined): Configuration {
  const joined: Record<string, unknown> = { ...open };
  for (const [key, value] of Object.entries(secrets ?? {})) {
    const present = joined[key];
    joined[key] = isObject(value) && isObject(present) ? joinSecrets(present, value) : value;
  }
  return joined;
}

/**
 * A changed configuration with the secrets it leaves out: an absent secret field keeps its value, one that is `null` is
 * dropped. Secrets inside a part that is left out as a whole go with it.
 */
export function keepSecrets(
  schema: JsonSchema,
  changed: Configuration,
  secrets: Configuration | undefined,
): Configuration {
  const kept: Record<string, unknown> = { ...changed };
  for (const [key, value] of Object.entries(secrets ?? {})) {
    const present = kept[key];
    const isPart = !fieldSchemas(schema, schema, key).some((field) => isSecret(schema, field));
    if (isPart) {
      if (isObject(present) && isObject(value)) {
        kept[key] = keepSecrets(
          { ...merged(fieldSchemas(schema, schema, key)), $defs: schema['$defs'] },
          present,
          value,
        );
      }
    } else if (!(key in kept)) {
      kept[key] = value;
    } else if (present === null) {
      delete kept[key];
    }
  }
  return kept;
}

/** Every schema that may describe the field `key`: in `properties` or in one of the alternatives. */
function fieldSchemas(root: JsonSchema, schema: JsonSchema, key: string): JsonSchema[] {
  return alternatives(root, schema).flatMap((one) => {
    const properties = object.safeParse(one['properties']).data ?? {};
    const found = properties[key] ?? one['additionalProperties'];
    return isObject(found) ? [found] : [];
  });
}

/** The schema itself and everything it refers to or combines. Bounded, since schemas may refer to themselves. */
function alternatives(root: JsonSchema, schema: JsonSchema, depth = 0): JsonSchema[] {
  if (depth > 8) return [schema];
  const parts = ['anyOf', 'oneOf', 'allOf'].flatMap((name) => (Array.isArray(schema[name]) ? schema[name] : []));
  const reference = schema['$ref'];
  if (typeof reference === 'string') parts.push(resolve(root, reference));
  return [schema, ...parts.filter(isObject).flatMap((part) => alternatives(root, part, depth + 1))];
}

const resolve = (root: JsonSchema, reference: string): unknown =>
  reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((step) => step !== '')
    .reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), root);

function isSecret(root: JsonSchema, schema: JsonSchema): boolean {
  return alternatives(root, schema).some((one) => one['writeOnly'] === true || listHoldsSecret(root, one));
}

const listHoldsSecret = (root: JsonSchema, schema: JsonSchema): boolean =>
  isObject(schema['items']) && JSON.stringify([schema['items'], root['$defs']]).includes('"writeOnly":true');

const merged = (schemas: readonly JsonSchema[]): JsonSchema => ({ anyOf: schemas });
