/** `strongroom backup ls` and `strongroom backup cat` */
import { StrongroomError } from '../../../errors.ts';
import type { ApiClient } from '../../api/client.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { usageError } from '../../input/usage.ts';
import { formatBytes, formatMoment } from '../../output/format.ts';
import { tableLines } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import type { Session } from '../../session.ts';
import { findBackup } from './find.ts';
import { downloadLink, listTree, showEntry } from './tree-documents.ts';
import type { TreeEntry, TreePage } from './tree-documents.ts';

/** Entries of one folder at a time. */
const PAGE = 300;

/** The arguments of both: `[backup] <path>`, where the backup may be given with `--id`. */
function backupAndPath(values: readonly string[], id: string | undefined, path: string | undefined): [string, string] {
  const [first, second] = id === undefined ? values : [id, ...values];
  if (first === undefined) throw usageError('backup', 'say which backup, by name or id, or latest.');
  const chosen = second ?? path;
  if (chosen === undefined) throw usageError('path', 'say which file: its path as "strongroom backup ls" shows it.');
  return [first, chosen.startsWith('/') ? chosen : `/${chosen}`];
}

async function* folder(api: ApiClient, id: string, path: string): AsyncGenerator<readonly TreeEntry[]> {
  let after: string | null = null;
  do {
    const page: TreePage | null | undefined = (await api.run(listTree, { id, path, first: PAGE, after })).backup?.tree;
    if (page === null || page === undefined) throw nothingIn(id);
    yield page.nodes;
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
}

async function* everything(api: ApiClient, id: string, path: string): AsyncGenerator<readonly TreeEntry[]> {
  for await (const entries of folder(api, id, path)) {
    yield entries;
    for (const entry of entries) if (isFolder(entry)) yield* everything(api, id, entry.path);
  }
}

const nothingIn = (id: string): StrongroomError =>
  new StrongroomError('STATE_CONFLICT', {
    type: 'backup',
    id,
    state: 'not complete',
    reason: 'it holds nothing to look at.',
  });

const isFolder = ({ kind }: TreeEntry): boolean => kind === 'DIRECTORY';

const modeText = (mode: number | null): string => (mode === null ? '-' : mode.toString(8).padStart(4, '0'));

function entryLines(entries: readonly TreeEntry[], shown: (entry: TreeEntry) => string): string[] {
  const lines = tableLines(entries, [
    { title: '', cell: ({ mode }) => modeText(mode) },
    { title: '', align: 'right', cell: (entry) => (isFolder(entry) ? '-' : formatBytes(entry.size)) },
    { title: '', cell: ({ modifiedAt }) => (modifiedAt === null ? '-' : formatMoment(new Date(modifiedAt))) },
    {
      title: '',
      cell: (entry) =>
        `${printable(shown(entry))}${isFolder(entry) ? '/' : ''}${entry.linkTarget === null ? '' : ` -> ${printable(entry.linkTarget)}`}`,
    },
  ]);
  return lines.slice(1);
}

interface LsOptions {
  readonly id?: string;
  readonly recursive?: boolean;
}

async function ls(session: Session, values: readonly string[], options: LsOptions): Promise<undefined> {
  const [reference, path] = backupAndPath(values, options.id, '/');
  const api = await session.api();
  const { id } = await findBackup(api, reference);
  const { output } = session;
  if (path !== '/') {
    const { backup } = await api.run(showEntry, { id, path });
    const entry = backup?.entry;
    if (entry === null || entry === undefined) throw new StrongroomError('SNAPSHOT_PATH_NOT_FOUND', { path });
    if (!isFolder(entry)) {
      output.result([entry], () => entryLines([entry], ({ path: whole }) => whole));
      return undefined;
    }
  }
  const pages = options.recursive === true ? everything(api, id, path) : folder(api, id, path);
  const all: TreeEntry[] = [];
  for await (const entries of pages) {
    // Only the JSON document needs them all at once; text is printed as it comes.
    if (output.json) all.push(...entries);
    else if (entries.length > 0) {
      output.result(undefined, () =>
        entryLines(entries, (entry) => (options.recursive === true ? entry.path : entry.name)),
      );
    }
  }
  if (output.json) output.result(all, () => []);
  return undefined;
}

async function cat(session: Session, values: readonly string[], options: { readonly id?: string }): Promise<undefined> {
  const [reference, path] = backupAndPath(values, options.id, undefined);
  const api = await session.api();
  const { id } = await findBackup(api, reference);
  const { backup } = await api.run(downloadLink, { id, path });
  if (backup === null || backup.link === null) throw nothingIn(id);
  for await (const chunk of api.download(backup.link.url)) await session.output.bytes(chunk);
  return undefined;
}

export function addBackupTree(group: StrongroomCommand, action: MakeAction): void {
  group
    .command('ls')
    .description('Lists what is in a backup.')
    .argument('[backup-and-path...]', 'the backup, by name or id, or latest; then a path inside it')
    .option('--id <id>', 'the backup, as an option')
    .option('-R, --recursive', 'list folders below folders too')
    .example('strongroom backup ls latest', 'See what the latest backup holds')
    .example('strongroom backup ls nightly /files/uploads --recursive', 'List all below a folder')
    .action(action(ls));
  group
    .command('cat')
    .description('Writes one file of a backup to standard output.')
    .argument('[backup-and-path...]', 'the backup, by name or id, or latest; then the path of the file')
    .option('--id <id>', 'the backup, as an option')
    .example(
      'strongroom backup cat latest /configuration/settings/.env',
      'Look at a file of the configuration source "settings": its path is the one below the root of that source',
    )
    .action(action(cat));
}
