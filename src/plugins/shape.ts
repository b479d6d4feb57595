/** What the default export of a plugin's module must look like, told by its behaviour: a plugin may bring its own zod. */
import { z } from 'zod';
import { CONTRACT_VERSION } from '../contracts/index.ts';
import type { Plugin } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { configurationJsonSchema } from './configuration.ts';

const callable = z.custom<(...input: never) => unknown>((value) => typeof value === 'function', 'must be a function');

const objectSchema = z.custom<z.ZodObject>(
  (value) =>
    z.object({ safeParse: callable, '~standard': z.object({ vendor: z.literal('zod') }) }).safeParse(value).success,
  'must be a schema of zod 4, made by z.strictObject({…}) or z.object({…})',
);

const common = {
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower case letters, digits and single dashes'),
  version: z.string().min(1),
  contractVersion: z.literal(CONTRACT_VERSION),
  description: z.string().min(1),
  configuration: objectSchema,
  create: callable,
};

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('storage'), ...common }),
  z.object({ kind: z.literal('compressor'), ...common }),
  z.object({ kind: z.literal('encryptor'), ...common }),
  z.object({ kind: z.literal('source'), ...common, content: z.enum(['DATABASE', 'FILES', 'CONFIGURATION']) }),
  z.object({ kind: z.literal('notifier'), ...common }),
]);

/**
 * `exported` as the plugin it is, the same object. Throws `PLUGIN_CONTRACT` for one that is written for another contract,
 * `PLUGIN_INVALID` with every mistake for one that is none; `module` names it in the message.
 */
export function checkPlugin(exported: unknown, module: string): Plugin {
  if (exported === undefined || exported === null) {
    throw invalid(module, 'it has no default export; export what a define… function returns as the default');
  }
  const stated = z.object({ contractVersion: z.number() }).safeParse(exported);
  if (stated.success && stated.data.contractVersion !== CONTRACT_VERSION) {
    const found = stated.data.contractVersion;
    throw new StrongroomError('PLUGIN_CONTRACT', { module, found, expected: CONTRACT_VERSION });
  }
  if (!isPlugin(exported)) throw invalid(module, mistakes(exported));
  const described = describe(exported, module);
  if (described['type'] !== 'object') throw invalid(module, 'configuration: must describe an object');
  return exported;
}

const isPlugin = (exported: unknown): exported is Plugin => shape.safeParse(exported).success;

function mistakes(exported: unknown): string {
  const issues = shape.safeParse(exported).error?.issues ?? [];
  const lines = issues.map(({ path, message }) => `${path.map(String).join('.') || 'default export'}: ${message}`);
  return lines.join('; ');
}

function describe(plugin: Plugin, module: string): Readonly<Record<string, unknown>> {
  try {
    return configurationJsonSchema(plugin);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(module, `configuration: has no JSON Schema (${reason}); use only types that JSON knows`, error);
  }
}

/** A module that is no plugin, and why. */
export const invalid = (module: string, reason: string, cause?: unknown): StrongroomError =>
  new StrongroomError('PLUGIN_INVALID', { module, reason }, { cause });
