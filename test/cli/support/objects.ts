/** Objects as the API gives them, whole, so that any selection of fields works. */
const moment = '2026-03-01T10:00:00.000Z';

export const workload = (name: string) => ({
  __typename: 'Workload',
  id: `W-${name}`,
  name,
  description: 'The web shop',
  labels: [{ key: 'team', value: 'sales' }],
  sources: [source('uploads')],
  createdAt: moment,
  updatedAt: moment,
});

export const source = (name: string) => ({
  __typename: 'Source',
  id: `S-${name}`,
  name,
  content: 'FILES',
  plugin: 'directory',
  configuration: { path: '/srv/uploads', exclude: ['*.tmp'] },
  secretsSet: ['password'],
});

export const repository = (name: string) => ({
  __typename: 'Repository',
  id: `R-${name}`,
  name,
  storage: { plugin: 'filesystem', configuration: { path: '/backups' }, secretsSet: [] },
  compressor: { plugin: 'zstd' },
  encryptor: { plugin: 'aes-256-gcm' },
  compressionLevel: 3,
  uploadBytesPerSecond: '10485760',
  downloadBytesPerSecond: null,
  repositoryId: '00112233445566778899aabbccddeeff',
  formatVersion: 1,
  keySlots: [{ slot: '0', kind: 'PASSPHRASE', createdAt: moment }],
  usage: { snapshots: '2', storedBytes: '1048576', freeBytes: null },
  createdAt: moment,
});

export const backup = (name: string, status = 'SUCCEEDED') => ({
  __typename: 'Backup',
  id: `B-${name}`,
  name,
  type: 'FULL',
  status,
  workload: workload('shop'),
  repository: repository('vault'),
  snapshotId: null,
  sources: [
    {
      name: 'uploads',
      content: 'FILES',
      plugin: 'directory',
      files: '1200',
      directories: '10',
      bytes: '1073741824',
      tables: [],
    },
  ],
  logicalBytes: '1073741824',
  readBytes: '1073741824',
  addedBytes: '524288000',
  storedBytes: '104857600',
  files: '1200',
  unchangedFiles: '0',
  checksum: 'ab'.repeat(32),
  compression: 'zstd',
  encryption: 'aes-256-gcm',
  verified: false,
  verifiedAt: null,
  retentionDays: 30,
  expiresAt: '2026-03-31T10:00:00.000Z',
  pinned: false,
  initiatedBy: 'token:laptop',
  notes: '',
  labels: [],
  error:
    status === 'FAILED'
      ? { code: 'STORAGE_FULL', message: 'The storage is full while writing p.', help: 'Make room.' }
      : null,
  warnings:
    status === 'PARTIAL'
      ? [{ code: 'SOURCE_FILE_UNREADABLE', subject: '/files/a', message: "The file /files/a can't be read: EACCES" }]
      : [],
  warningCount: status === 'PARTIAL' ? 1 : 0,
  parent: null,
  attempts: 1,
  createdAt: moment,
  startedAt: moment,
  completedAt: moment,
  durationSeconds: 12.5,
});

export const restore = (id: string, status = 'SUCCEEDED') => ({
  __typename: 'Restore',
  id,
  backup: backup('nightly'),
  type: 'EVERYTHING',
  target: { kind: 'DIRECTORY', path: '/srv/restored', database: null, schema: null },
  status,
  conflictPolicy: 'FAIL',
  sources: [],
  paths: [],
  includeTables: [],
  previousUntil: null,
  revertedAt: null,
  tables: [],
  tablesRestored: 0,
  filesRestored: '1200',
  bytesRestored: '1073741824',
  initiatedBy: 'token:laptop',
  notes: '',
  error: null,
  warnings: [],
  warningCount: 0,
  createdAt: moment,
  startedAt: moment,
  completedAt: moment,
});

export const progress = (status: string, finished = false) => ({
  status,
  phase: finished ? 'DONE' : 'READING',
  currentItem: finished ? null : '/files/uploads/a.txt',
  itemsDone: finished ? '4' : '1',
  itemsTotal: '4',
  bytesDone: finished ? '4096' : '1024',
  bytesTotal: '4096',
  bytesPerSecond: 1024,
  secondsLeft: 3,
  warningCount: 0,
  error: null,
  finished,
  addedBytes: '512',
});

export const worker = (name: string, laneLimit: number | null = null) => ({
  __typename: 'Worker',
  id: `K-${name}`,
  name,
  running: true,
  lanes: 4,
  laneLimit,
  startedAt: moment,
  lastSeenAt: moment,
});

/** A list with everything on one page. */
export const page = (nodes: readonly object[]) => ({
  totalCount: nodes.length,
  pageInfo: { hasNextPage: false, endCursor: null },
  edges: nodes.map((node) => ({ node })),
});

/** An expected failure of the API. */
export const failure = (type: string, code: string, message: string) => ({
  __typename: type,
  code,
  message,
  help: 'Do something about it.',
});

/** Error outside of the schema's types, as the API answers a malformed id. */
export function malformedId(): never {
  throw Object.assign(new Error('id: this is not an id that the API gave out.'), {
    extensions: { code: 'INPUT_INVALID', help: 'Correct the field.' },
  });
}
