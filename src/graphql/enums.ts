/** Every enum of the schema. */
import { builder } from './builder.ts';

export const ContentKindEnum = builder.enumType('ContentKind', {
  description: 'What the data of a source is.',
  values: {
    DATABASE: { description: 'Tables and whatever else a database holds.' },
    FILES: { description: 'Files that people or the application made: uploads, documents.' },
    CONFIGURATION: {
      description: 'What makes the application run as it does: settings, environment files, certificates.',
    },
  } as const,
});

export const BackupTypeEnum = builder.enumType('BackupType', {
  description: 'What a backup reads. Every type stores only what the repository does not hold yet.',
  values: {
    FULL: { description: 'Every source of the workload, everything read again.' },
    DATABASE: { description: 'Only the sources of kind DATABASE.' },
    FILES: { description: 'Only the sources of kind FILES.' },
    INCREMENTAL: { description: 'Every source; files that have not changed since the last backup are not read again.' },
    CONFIGURATION: { description: 'Only the sources of kind CONFIGURATION.' },
  } as const,
});

export const RunStatusEnum = builder.enumType('RunStatus', {
  description: 'Where a run (a backup, a restore, a verification) stands. The last four are final.',
  values: {
    QUEUED: { description: 'Waits for a worker, at first or before it is tried again.' },
    RUNNING: { description: 'A worker is at it.' },
    SUCCEEDED: { description: 'Done, and nothing was left out.' },
    PARTIAL: { description: 'Done, but some things had to be left out: see `warnings`.' },
    FAILED: { description: 'Given up: see `error`.' },
    CANCELLED: { description: 'Stopped because somebody asked for it.' },
  } as const,
});

export const ConflictPolicyEnum = builder.enumType('ConflictPolicy', {
  description: 'What a restore does where something is already there.',
  values: {
    FAIL: { description: 'Nothing at all is written.' },
    OVERWRITE: { description: 'It is replaced.' },
    SKIP: { description: 'It stays, and the rest is restored.' },
  } as const,
});

export const RestoreTargetKindEnum = builder.enumType('RestoreTargetKind', {
  description: 'Where a restore goes.',
  values: {
    IN_PLACE: { description: 'Where it came from: the places that the sources of the workload name now.' },
    DIRECTORY: { description: 'Plain files below a directory, whatever the source is.' },
    DATABASE: { description: 'Another database on the configured server; only for sources that have a server.' },
    SCHEMA: { description: 'Another schema of the database that was backed up; only for databases that have schemas.' },
  } as const,
});

export const RestoreTypeEnum = builder.enumType('RestoreType', {
  description: 'How much of a backup a restore puts back.',
  values: {
    EVERYTHING: { description: 'All of it.' },
    DATABASE: { description: 'Only sources of kind DATABASE.' },
    FILES: { description: 'Only sources of kind FILES.' },
    CONFIGURATION: { description: 'Only sources of kind CONFIGURATION.' },
    SELECTION: { description: 'Some sources or paths.' },
  } as const,
});

export const VerificationLevelEnum = builder.enumType('VerificationLevel', {
  description: 'How thoroughly a backup is checked.',
  values: {
    DATA: { description: 'Every byte that the backup needs is read, opened and hashed.' },
  } as const,
});

export const PluginKindEnum = builder.enumType('PluginKind', {
  description: 'What a plugin is for.',
  values: {
    STORAGE: { value: 'storage', description: 'A place that repositories lie in.' },
    COMPRESSOR: { value: 'compressor', description: 'Makes data smaller.' },
    ENCRYPTOR: { value: 'encryptor', description: 'Seals data.' },
    SOURCE: { value: 'source', description: 'Reads one part of a workload and puts it back.' },
    NOTIFIER: { value: 'notifier', description: 'Tells people and programs what happened.' },
  } as const,
});

export const KeySlotKindEnum = builder.enumType('KeySlotKind', {
  description: 'What opens a key slot of a repository.',
  values: {
    PASSPHRASE: { value: 'passphrase', description: 'A passphrase.' },
    KEY_FILE: { value: 'keyFile', description: 'The content of a key file.' },
    NONE: { value: 'none', description: 'Nothing: the encryptor keeps nothing secret.' },
  } as const,
});

export const RunPhaseEnum = builder.enumType('RunPhase', {
  description: 'What a run is doing.',
  values: {
    QUEUED: { description: 'It waits for a worker.' },
    PREPARING: { description: 'It opens the repository and the sources.' },
    READING: { description: 'It reads: the sources for a backup, the repository for a restore.' },
    WRITING: { description: 'It writes what was read.' },
    VERIFYING: { description: 'It checks what is stored.' },
    FINISHING: { description: 'It makes the result durable.' },
    DONE: { description: 'It has ended; the status says how.' },
  } as const,
});

export const TreeEntryKindEnum = builder.enumType('TreeEntryKind', {
  description: 'What an entry in the tree of a backup is.',
  values: {
    DIRECTORY: { value: 'directory', description: 'A folder.' },
    SYMLINK: { value: 'symlink', description: 'A symbolic link.' },
    FILE: { value: 'file', description: 'A file, or a stream of a database.' },
  } as const,
});

export const PreviewActionEnum = builder.enumType('PreviewAction', {
  description: 'What a restore would do to one thing.',
  values: {
    ADD: { description: 'It is not there and would be written.' },
    CHANGE: { description: 'It is there, differs, and would be replaced.' },
    KEEP: { description: 'It is there and would stay as it is.' },
    DROP: { description: 'It is there and would be gone, as what replaces it does not have it.' },
    CONFLICT: { description: 'It is there, and because of it nothing would be written.' },
    NOTE: { description: 'Nothing would be done; it is to be known before.' },
  } as const,
});

export const DiscoveredKindEnum = builder.enumType('DiscoveredKind', {
  description: 'What a thing is that a source found.',
  values: {
    TABLE: { value: 'table', description: 'A table of a database.' },
    FILE: { value: 'file', description: 'A file.' },
    DIRECTORY: { value: 'directory', description: 'A folder.' },
    DATABASE: { value: 'database', description: 'A whole database.' },
  } as const,
});

export const EventSeverityEnum = builder.enumType('EventSeverity', {
  description: 'How much an event matters.',
  values: {
    INFO: { description: 'Good to know.' },
    WARNING: { description: 'Worth a look.' },
    ERROR: { description: 'Somebody has to do something.' },
  } as const,
});

export const OrderDirectionEnum = builder.enumType('OrderDirection', {
  description: 'Which end of an order comes first.',
  values: {
    ASC: { value: 'asc', description: 'Smallest, oldest, or first in the alphabet first.' },
    DESC: { value: 'desc', description: 'Largest, newest, or last in the alphabet first.' },
  } as const,
});
