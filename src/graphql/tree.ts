/** What lies inside a backup. */
import type { TreeEntry } from '../engine/operations.ts';
import { StrongroomError } from '../errors.ts';
import { BackupRef } from './backup.ts';
import { builder } from './builder.ts';
import type { DownloadLink } from './context.ts';
import { TreeEntryKindEnum } from './enums.ts';
import { treePageMaximum } from './limits.ts';

const TreeEntryType = builder.objectRef<TreeEntry>('TreeEntry').implement({
  description: 'A file, a folder or a link inside a backup.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Last part of its path. Bytes that are not UTF-8 are written `\\xNN`, a backslash `\\\\`.',
    }),
    path: t.exposeString('path', {
      description: 'Its whole path, good for `tree`, `entry`, `downloadUrl` and restores.',
    }),
    kind: t.expose('kind', { type: TreeEntryKindEnum, description: 'What it is.' }),
    size: t.field({
      type: 'BigInt',
      description: 'Bytes of its content; 0 unless it is a file.',
      resolve: ({ size }) => size,
    }),
    mode: t.int({
      nullable: true,
      description: 'Permission bits as a number, 0 to 4095; null when its source has none.',
      resolve: ({ mode }) => mode,
    }),
    modifiedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its content last changed; null when its source does not tell.',
      resolve: ({ modifiedAt }) => (modifiedAt === undefined ? null : new Date(modifiedAt)),
    }),
    linkTarget: t.string({
      nullable: true,
      description: 'Where a symbolic link leads; null for the others.',
      resolve: ({ linkTarget }) => linkTarget,
    }),
  }),
});

const TreePageInfo = builder.objectRef<{ hasNextPage: boolean; endCursor: string | null }>('TreePageInfo').implement({
  description: 'Where a page lies in its folder.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      description: 'Whether more follows; ask for it with `after: endCursor`.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'Cursor of the last entry of the page; null when it is empty.',
    }),
  }),
});

interface TreeConnectionShape {
  readonly nodes: TreeEntry[];
  readonly pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const TreeConnection = builder.objectRef<TreeConnectionShape>('TreeConnection').implement({
  description: 'A page of a folder, by name.',
  fields: (t) => ({
    nodes: t.expose('nodes', { type: [TreeEntryType], description: 'The entries of the page.' }),
    pageInfo: t.expose('pageInfo', { type: TreePageInfo, description: 'Where the page lies in its folder.' }),
  }),
});

const DownloadLinkType = builder.objectRef<DownloadLink>('DownloadLink').implement({
  description: 'A link to one file that needs no header. Whoever has it can fetch the file until it expires.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Where to GET it.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'Until when it can be used to start a download.',
    }),
  }),
});

const afterName = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8');
const cursorOf = (entry: TreeEntry | undefined): string | null =>
  entry === undefined ? null : Buffer.from(entry.name, 'utf8').toString('base64url');

const path = {
  required: true,
  description: 'Path as `path` fields show it: `/`, `/files`, `/files/<source>/…`.',
} as const;

builder.prismaObjectFields(BackupRef, (t) => ({
  tree: t.field({
    type: TreeConnection,
    nullable: true,
    description:
      'A page of one folder of the backup, by name. Null with an error when the backup has no snapshot (yet), the path ' +
      'does not exist, or the repository is out of reach.',
    args: {
      path: t.arg.string({ ...path, defaultValue: '/' }),
      first: t.arg.int({
        required: true,
        defaultValue: 100,
        description: `How many entries, 1 to ${treePageMaximum}.`,
      }),
      after: t.arg.string({ description: 'Only what follows this cursor.' }),
    },
    complexity: ({ first }) => ({ field: 100, multiplier: Math.min(Math.max(first, 1), treePageMaximum) }),
    select: { id: true },
    resolve: async ({ id }, args, { services }) => {
      if (args.first < 1 || args.first > treePageMaximum) {
        throw new StrongroomError('INPUT_INVALID', {
          field: 'first',
          reason: `ask for 1 to ${treePageMaximum} entries.`,
        });
      }
      const after = typeof args.after === 'string' ? { after: afterName(args.after) } : {};
      const page = await services.browse.list({ backupId: id, path: args.path, limit: args.first, ...after });
      return {
        nodes: [...page.entries],
        pageInfo: { hasNextPage: page.hasMore, endCursor: cursorOf(page.entries.at(-1)) },
      };
    },
  }),
  entry: t.field({
    type: TreeEntryType,
    nullable: true,
    description: 'One file, folder or link of the backup. Null with an error as for `tree`.',
    args: { path: t.arg.string(path) },
    complexity: 50,
    select: { id: true },
    resolve: ({ id }, args, { services }) => services.browse.stat(id, args.path),
  }),
  downloadUrl: t.field({
    type: DownloadLinkType,
    nullable: true,
    description:
      'A short-lived link to one file of the backup. Null with an error as for `tree`, and when it is no file.',
    args: { path: t.arg.string(path) },
    complexity: 50,
    select: { id: true },
    resolve: async ({ id }, args, { services, downloads }) => {
      const found = await services.browse.stat(id, args.path);
      if (found.kind !== 'file') {
        throw new StrongroomError('INPUT_INVALID', {
          field: 'path',
          reason: `${args.path} is a ${found.kind}, not a file.`,
        });
      }
      return downloads.create({ backupId: id, path: found.path });
    },
  }),
}));
