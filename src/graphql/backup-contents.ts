/** What a backup holds, as its summary tells. */
import { builder } from './builder.ts';
import { TableType } from './common.ts';
import { ContentKindEnum } from './enums.ts';
import type { StoredSourceSummary } from './stored-json.ts';

export const BackupSourceType = builder.objectRef<StoredSourceSummary>('BackupSource').implement({
  description: 'What one source brought into a backup.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name that the source had then; names its folder in the tree.' }),
    content: t.expose('content', { type: ContentKindEnum, description: 'What its data is.' }),
    plugin: t.exposeString('plugin', { description: 'Name of the source plugin that read it.' }),
    files: t.field({ type: 'BigInt', description: 'Number of files.', resolve: ({ files }) => files }),
    directories: t.field({
      type: 'BigInt',
      description: 'Number of folders.',
      resolve: ({ directories }) => directories,
    }),
    bytes: t.field({
      type: 'BigInt',
      description: 'Bytes, as a restore would write them.',
      resolve: ({ bytes }) => bytes,
    }),
    tables: t.expose('tables', {
      type: [TableType],
      complexity: { field: 1, multiplier: 5 },
      description: 'Tables it holds; empty unless it is a database.',
    }),
  }),
});

export interface FilesIncluded {
  readonly sources: string[];
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
}

export const FilesIncludedType = builder.objectRef<FilesIncluded>('FilesIncluded').implement({
  description: 'The files of a backup, database streams not counted.',
  fields: (t) => ({
    sources: t.exposeStringList('sources', { description: 'Names of the sources they come from.' }),
    files: t.field({ type: 'BigInt', description: 'Number of files.', resolve: ({ files }) => files }),
    directories: t.field({
      type: 'BigInt',
      description: 'Number of folders.',
      resolve: ({ directories }) => directories,
    }),
    bytes: t.field({
      type: 'BigInt',
      description: 'Bytes, as a restore would write them.',
      resolve: ({ bytes }) => bytes,
    }),
  }),
});

/** Adds up the sources that are not databases. */
export function filesIncluded(sources: readonly StoredSourceSummary[]): FilesIncluded {
  const holding = sources.filter(({ content }) => content !== 'DATABASE');
  const sum = (count: (source: StoredSourceSummary) => number): number =>
    holding.reduce((total, source) => total + count(source), 0);
  return {
    sources: holding.map(({ name }) => name),
    files: sum(({ files }) => files),
    directories: sum(({ directories }) => directories),
    bytes: sum(({ bytes }) => bytes),
  };
}
