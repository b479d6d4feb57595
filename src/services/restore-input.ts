/** What a restore asks for, checked against what the backup holds and how the workload is configured now. */
import { z } from 'zod';
import type { Backup, PrismaClient, Restore, RestoreType, Source } from '../catalogue/generated/prisma/client.ts';
import type { ContentKind, RestoreTarget } from '../contracts/index.ts';
import type { RestoreInput, SourceChoice } from '../engine/operations.ts';
import type { Access } from './access.ts';
import { inputInvalid } from './input.ts';
import { existing } from './rows.ts';
import { snapshotOf } from './snapshots.ts';

/** The part of a restore's row that says what it is to do. */
export type RestoreOrder = Pick<
  Restore,
  | 'id'
  | 'backupId'
  | 'targetKind'
  | 'targetPath'
  | 'targetDatabase'
  | 'targetSchema'
  | 'targetSourceId'
  | 'conflictPolicy'
  | 'sources'
  | 'paths'
  | 'includeTables'
  | 'keepPreviousHours'
>;

export interface CheckedRestore {
  readonly engineInput: RestoreInput;
  readonly backup: Backup;
  /** Content kinds of the sources that it touches, one a source. */
  readonly kinds: readonly ContentKind[];
}

interface HeldSource {
  readonly name: string;
  readonly content: ContentKind;
  /** That read it. */
  readonly plugin: string;
}

const heldSources = z.array(
  z.object({ name: z.string(), content: z.enum(['DATABASE', 'FILES', 'CONFIGURATION']), plugin: z.string() }),
);

/**
 * The engine's input for a restore, and what it goes back to. Throws `OBJECT_NOT_FOUND`, `STATE_CONFLICT` (no snapshot), or `INPUT_INVALID` for a
 * selection that the backup does not hold and for a target that needs sources which are not configured any more.
 */
export async function checkedRestore(
  deps: { readonly prisma: PrismaClient; readonly access: Access },
  order: RestoreOrder,
): Promise<CheckedRestore> {
  const { backup, repository, snapshotId } = await snapshotOf(deps, order.backupId);
  const held = heldSources.parse(backup.sources);
  const chosen = chosenSources(held, order);
  const target = targetOf(order);
  const sources = target.kind === 'directory' ? [] : await receivers(deps, order, backup, chosen);
  const engineInput: RestoreInput = {
    repository,
    restoreId: order.id,
    snapshotId,
    sources,
    selection: {
      ...((order.sources.length > 0 || chosen.length < held.length) && { sources: chosen.map(({ name }) => name) }),
      ...(order.paths.length > 0 && { paths: order.paths }),
    },
    target,
    policy: order.conflictPolicy,
    ...(order.includeTables.length > 0 && { includeTables: order.includeTables }),
    keepPrevious: order.keepPreviousHours !== null,
  };
  return { engineInput, backup, kinds: chosen.map(({ content }) => content) };
}

/** The sources that take what was chosen, by the names that it has in the backup. */
async function receivers(
  { prisma, access }: { readonly prisma: PrismaClient; readonly access: Access },
  { targetSourceId }: Pick<RestoreOrder, 'targetSourceId'>,
  { workloadId }: Pick<Backup, 'workloadId'>,
  chosen: readonly HeldSource[],
): Promise<readonly SourceChoice[]> {
  if (targetSourceId === null) {
    const configured = await prisma.source.findMany({ where: { workloadId } });
    return chosen.map((source) => access.source(configuredSource(configured, source)));
  }
  const other = await existing('source', targetSourceId, (id) => prisma.source.findUnique({ where: { id } }));
  return chosen.map(({ name, plugin }) => {
    if (other.plugin === plugin) return { ...access.source(other), name };
    throw inputInvalid(
      'target.sourceId',
      `${other.name} is of the plugin ${other.plugin}; what ${plugin} read it can't restore`,
    );
  });
}

/** The databases that a restore may have replaced, as they are configured now. */
export async function keptSources(
  deps: { readonly prisma: PrismaClient; readonly access: Access },
  { backupId, sources, targetSourceId }: Pick<Restore, 'backupId' | 'sources' | 'targetSourceId'>,
): Promise<readonly SourceChoice[]> {
  if (targetSourceId !== null) {
    const other = await deps.prisma.source.findMany({ where: { id: targetSourceId } });
    return other.map((source) => deps.access.source(source));
  }
  const { workloadId } = await deps.prisma.backup.findUniqueOrThrow({ where: { id: backupId } });
  const named = sources.length === 0 ? {} : { name: { in: sources } };
  const configured = await deps.prisma.source.findMany({ where: { workloadId, content: 'DATABASE', ...named } });
  return configured.map((source) => deps.access.source(source));
}

/** The kind of a restore, for lists and filters. */
export function restoreType(input: RestoreInput, kinds: readonly ContentKind[]): RestoreType {
  if (input.selection.paths !== undefined || input.includeTables !== undefined) return 'SELECTION';
  if (input.selection.sources === undefined) return 'EVERYTHING';
  const [kind] = kinds;
  return kind !== undefined && kinds.every((one) => one === kind) ? kind : 'SELECTION';
}

/** The sources of the backup that the order touches. */
function chosenSources(
  held: readonly HeldSource[],
  order: Pick<RestoreOrder, 'sources' | 'paths' | 'targetKind' | 'includeTables' | 'keepPreviousHours'>,
): readonly HeldSource[] {
  const missing = order.sources.find((name) => !held.some((source) => source.name === name));
  if (missing !== undefined) {
    const known = held.map((source) => source.name).join(', ');
    throw inputInvalid('sources', `the backup has no source ${JSON.stringify(missing)}; it holds ${known}`);
  }
  const named = order.sources.length === 0 ? held : held.filter((source) => order.sources.includes(source.name));
  const touched =
    order.paths.length === 0 ? named : named.filter((source) => order.paths.some((path) => touches(path, source)));
  const stray = order.paths.find((path) => !named.some((source) => touches(path, source)));
  if (stray !== undefined) {
    throw inputInvalid(
      'paths',
      `${JSON.stringify(stray)} lies in none of the sources; a path looks like ${exampleOf(held)}`,
    );
  }
  const databases = touched.filter((source) => source.content === 'DATABASE');
  for (const [asked, field] of [
    [order.includeTables.length > 0, 'includeTables'],
    [order.keepPreviousHours !== null, 'keepPreviousHours'],
  ] as const) {
    if (asked && databases.length === 0) throw inputInvalid(field, 'no source that is restored holds DATABASE');
  }
  if (order.includeTables.length > 0 && databases.length < touched.length && order.sources.length > 0) {
    throw inputInvalid('includeTables', 'goes with sources that hold DATABASE only');
  }
  if (order.targetKind === 'IN_PLACE' && order.includeTables.length > 0) return databases;
  if (order.targetKind !== 'DATABASE' && order.targetKind !== 'SCHEMA') return touched;
  if (databases.length === 1 && (order.sources.length === 0 || touched.length === 1)) return databases;
  const place = order.targetKind === 'DATABASE' ? 'another database' : 'another schema';
  throw inputInvalid('sources', `${place} takes exactly one source that holds DATABASE: name one`);
}

const folderOf = (source: HeldSource): string => `/${source.content.toLowerCase()}/${source.name}`;
const exampleOf = ([source]: readonly HeldSource[]): string =>
  source === undefined ? '/files/uploads' : folderOf(source);

/** Whether a path leads to the source, into it, or to something above it. */
function touches(path: string, source: HeldSource): boolean {
  const asked = path === '/' ? '/' : `${path.replace(/\/+$/, '')}/`;
  const folder = `${folderOf(source)}/`;
  return folder.startsWith(asked) || asked.startsWith(folder);
}

function configuredSource(configured: readonly Source[], held: HeldSource): Source {
  const found = configured.find((source) => source.name === held.name);
  const instead = 'restore it into a DIRECTORY, or leave it out';
  if (found === undefined) throw inputInvalid('target', `the workload has no source ${held.name} any more: ${instead}`);
  if (found.content !== held.content) {
    throw inputInvalid('target', `the source ${held.name} now holds ${found.content}, not ${held.content}: ${instead}`);
  }
  return found;
}

function targetOf(order: RestoreOrder): RestoreTarget {
  if (order.targetKind === 'IN_PLACE') return { kind: 'inPlace' };
  if (order.targetKind === 'DIRECTORY') {
    if (order.targetPath === null) throw inputInvalid('target.path', 'is needed for a DIRECTORY');
    return { kind: 'directory', path: order.targetPath };
  }
  if (order.targetKind === 'SCHEMA') {
    if (order.targetSchema === null) throw inputInvalid('target.schema', 'is needed for a SCHEMA');
    return { kind: 'schema', name: order.targetSchema };
  }
  if (order.targetDatabase === null) throw inputInvalid('target.database', 'is needed for a DATABASE');
  return { kind: 'database', name: order.targetDatabase };
}
