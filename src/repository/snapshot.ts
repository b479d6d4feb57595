/** Snapshots: the manifest of one backup (docs/format.md, "Records"). */
import { z } from 'zod';
import type { Codecs } from './codecs.ts';
import { damaged } from './damage.ts';
import { ObjectKind, objectKeys } from './format.ts';
import { KeyedHasher } from './hashing.ts';
import { openRecord, sealRecord } from './record.ts';
import type { SealingContext } from './sealing.ts';

const count = z.number().int().nonnegative();
const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));

const tableSchema = z.object({
  name: z.string(),
  rows: count.exactOptional(),
  bytes: count.exactOptional(),
  checksum: z.string().exactOptional(),
});

const sourceSchema = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  content: z.enum(['DATABASE', 'FILES', 'CONFIGURATION']),
  plugin: z.string(),
  root: hex(64),
  files: count,
  directories: count,
  bytes: count,
  tables: z.array(tableSchema),
});

const manifestSchema = z.object({
  version: z.literal(1),
  id: hex(32),
  backupId: z.string(),
  type: z.enum(['FULL', 'DATABASE', 'FILES', 'CONFIGURATION', 'INCREMENTAL']),
  workload: z.string(),
  startedAt: z.string(),
  completedAt: z.string(),
  parent: hex(32).exactOptional(),
  program: z.string(),
  sources: z.array(sourceSchema).max(10_000),
  statistics: z.object({
    logicalBytes: count,
    readBytes: count,
    addedBytes: count,
    storedBytes: count,
    files: count,
    unchangedFiles: count,
  }),
  warnings: z.array(z.object({ code: z.string(), subject: z.string(), message: z.string() })),
  warningCount: count,
});

/** The immutable record of a backup. Times in ISO 8601, sizes in bytes. */
export type Manifest = z.output<typeof manifestSchema>;
export type ManifestSource = Manifest['sources'][number];
export type Snapshot = Manifest & {
  /** The backup's Merkle root: 64 hex digits. */
  readonly checksum: string;
};

/** What it takes to seal, open and sum snapshots. */
export interface SnapshotContext {
  readonly sealing: SealingContext;
  readonly codecs: Codecs;
  /** The derived key `chunk-id`. */
  readonly chunkIdKey: Uint8Array;
}

/** A snapshot's name in the repository, for a UUID with or without dashes. */
export const snapshotName = (id: string): string => id.replaceAll('-', '').toLowerCase();

/** The object's bytes and the checksum. */
export function encodeSnapshot(
  context: SnapshotContext,
  manifest: Manifest,
): { readonly bytes: Uint8Array; readonly checksum: string } {
  const checksum = checksumOf(context, JSON.stringify(manifest));
  const raw = Buffer.from(JSON.stringify({ ...manifest, checksum }));
  const id = Buffer.from(manifest.id, 'hex');
  return { bytes: sealRecord(context.sealing, context.codecs, ObjectKind.snapshot, raw, id).bytes, checksum };
}

/** Opens and checks a snapshot object; throws `REPOSITORY_DAMAGED`. */
export function decodeSnapshot(context: SnapshotContext, object: Uint8Array, id: string): Snapshot {
  const key = objectKeys.snapshot(id);
  const name = Buffer.from(id, 'hex');
  const raw = openRecord(context.sealing, context.codecs, ObjectKind.snapshot, object, key, name);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(raw).toString('utf8'));
  } catch (error) {
    throw damaged(key, 0, 'it is not JSON', error);
  }
  const parsed = manifestSchema.extend({ checksum: hex(64) }).safeParse(json);
  if (!parsed.success) throw damaged(key, 0, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { checksum, ...manifest } = parsed.data;
  if (manifest.id !== id) throw damaged(key, 0, 'it is the snapshot of another backup');
  const { checksum: _, ...asWritten } = json as Record<string, unknown>;
  if (checksumOf(context, JSON.stringify(asWritten)) !== checksum) throw damaged(key, 0, 'its checksum is wrong');
  return { ...manifest, checksum };
}

const checksumOf = (context: SnapshotContext, json: string): string =>
  new KeyedHasher(context.chunkIdKey).hash(Buffer.from(json)).toString('hex');
