/** Which sources of a workload a backup of some type reads. */
import type { ContentKind } from '../contracts/index.ts';
import type { BackupInput } from '../engine/operations.ts';
import { inputInvalid } from './input.ts';

/** The content kind that a type is limited to. */
export const contentOf = (type: BackupInput['type']): ContentKind | undefined =>
  type === 'FULL' || type === 'INCREMENTAL' ? undefined : type;

/**
 * The sources to read: all of the type, or those named. Throws `INPUT_INVALID` when there are none, or when one named is
 * not there or is of another kind.
 */
export function sourcesOfType<S extends { readonly name: string; readonly content: ContentKind }>(
  sources: readonly S[],
  type: BackupInput['type'],
  names: readonly string[],
): S[] {
  const kind = contentOf(type);
  const fitting = sources.filter((source) => kind === undefined || source.content === kind);
  for (const name of names) {
    if (fitting.some((source) => source.name === name)) continue;
    const other = sources.find((source) => source.name === name);
    const reason =
      other === undefined
        ? `the workload has no source ${JSON.stringify(name)}`
        : `the source ${name} holds ${other.content}, which a backup of type ${type} leaves out`;
    throw inputInvalid('sources', reason);
  }
  const chosen = names.length === 0 ? fitting : fitting.filter((source) => names.includes(source.name));
  if (chosen.length > 0) return chosen;
  const reason =
    kind === undefined ? 'the workload has no sources yet' : `the workload has no source that holds ${kind}`;
  throw inputInvalid(kind === undefined ? 'workloadId' : 'type', reason);
}
