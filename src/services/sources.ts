/** The parts of a workload: create, change, delete, test, discover. */
import { z } from 'zod';
import type { DiscoveredItem, SourcePlugin } from '../contracts/index.ts';
import { configurationJsonSchema } from '../plugins.ts';
import type { Actor, Changed } from './actor.ts';
import { type Change, recordChange } from './changes.ts';
import type { ServiceParts } from './deps.ts';
import { object, parseInput, sourceName } from './input.ts';
import { asJson, existing, namingUniquely, signalled } from './rows.ts';
import { type Configuration, keepSecrets, splitSecrets } from './secret-fields.ts';

export interface CreateSourceInput {
  readonly workloadId: string;
  /** Unique in its workload: 1 to 60 lower case letters, digits and dashes, since it names a folder of every snapshot. */
  readonly name: string;
  readonly plugin: string;
  /** As the plugin's schema wants it, secrets included; they are stored sealed and never returned. */
  readonly configuration: unknown;
}

/** The plugin and the workload of a source do not change. */
export interface UpdateSourceInput {
  readonly id: string;
  readonly name?: string;
  /** Replaces the configuration; a secret field that is absent keeps its value. */
  readonly configuration?: unknown;
}

/** Rejects with `INPUT_INVALID` (the field named), `PLUGIN_UNKNOWN`, `OBJECT_NOT_FOUND`, `NAME_TAKEN`. */
export interface Sources {
  create(actor: Actor, input: CreateSourceInput): Promise<Changed>;
  update(actor: Actor, input: UpdateSourceInput): Promise<Changed>;
  /** What was backed up from it stays in its backups and can be restored into a directory. */
  delete(actor: Actor, id: string): Promise<Changed>;
  /** Proves that the source can be reached and read; rejects with what is wrong. */
  test(id: string, signal?: AbortSignal): Promise<Changed>;
  /** What there is to back up; at most 10,000 items. */
  discover(id: string, signal?: AbortSignal): Promise<readonly DiscoveredItem[]>;
}

const created = z.strictObject({ workloadId: z.string(), name: sourceName, plugin: z.string(), configuration: object });
const updated = z.strictObject({ name: sourceName.optional(), configuration: object.optional() });

type Parts = Pick<ServiceParts, 'prisma' | 'engine' | 'plugins' | 'access' | 'ids'>;

export function createSources({ prisma, engine, plugins, access, ids }: Parts): Sources {
  const find = (id: string) => existing('source', id, (found) => prisma.source.findUnique({ where: { id: found } }));
  /** Checks the configuration and takes its secrets out, sealed for the row. */
  const stored = (id: string, plugin: SourcePlugin, configuration: Configuration) => {
    plugins.configure('source', plugin.name, configuration);
    const { open, secrets } = splitSecrets(configurationJsonSchema(plugin), configuration);
    return { configuration: asJson(open), sealedSecrets: access.sealSourceSecrets(id, secrets) };
  };

  return {
    async create(actor, input) {
      const { workloadId, name, plugin: pluginName, configuration } = parseInput(created, input);
      const plugin = plugins.get('source', pluginName);
      await existing('workload', workloadId, (id) => prisma.workload.findUnique({ where: { id } }));
      const id = ids();
      const data = {
        id,
        workloadId,
        name,
        plugin: plugin.name,
        content: plugin.content,
        ...stored(id, plugin, configuration),
      };
      return namingUniquely('source', name, () =>
        prisma.$transaction(async (transaction) => {
          const row = await transaction.source.create({ data });
          await recordChange(transaction, actor, changeOf('created', row, { after: row }));
          return { id };
        }),
      );
    },
    async update(actor, { id, ...input }) {
      const { name, configuration } = parseInput(updated, input);
      const before = await find(id);
      const plugin = plugins.get('source', before.plugin);
      const schema = configurationJsonSchema(plugin);
      const data = {
        ...(name !== undefined && { name }),
        ...(configuration !== undefined &&
          stored(id, plugin, keepSecrets(schema, configuration, access.sourceSecrets(before)))),
      };
      return namingUniquely('source', name ?? before.name, () =>
        prisma.$transaction(async (transaction) => {
          const row = await transaction.source.update({ where: { id }, data });
          await recordChange(transaction, actor, changeOf('updated', row, { before, after: row }));
          return { id };
        }),
      );
    },
    async delete(actor, id) {
      const before = await find(id);
      return prisma.$transaction(async (transaction) => {
        const { count } = await transaction.source.deleteMany({ where: { id } });
        if (count > 0) await recordChange(transaction, actor, changeOf('deleted', before, { before }));
        return { id };
      });
    },
    async test(id, signal) {
      await engine.run('checkSource', { source: access.source(await find(id)) }, signalled(signal));
      return { id };
    },
    async discover(id, signal) {
      return engine.run('discoverSource', { source: access.source(await find(id)) }, signalled(signal));
    },
  };
}

const changeOf = (
  what: 'created' | 'updated' | 'deleted',
  row: { readonly id: string; readonly name: string },
  states: Pick<Change, 'before' | 'after'>,
): Change => ({
  type: `source.${what}`,
  summary: `Source ${row.name} is ${what}.`,
  subject: { type: 'Source', id: row.id },
  ...states,
});
