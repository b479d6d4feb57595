/** Reads what the catalogue keeps as JSON back into what it was. */
import { z } from 'zod';

const table = z.object({
  name: z.string(),
  rows: z.number().optional(),
  bytes: z.number().optional(),
  checksum: z.string().optional(),
});
const label = z.object({ key: z.string(), value: z.string() });
const warning = z.object({ code: z.string(), subject: z.string(), message: z.string() });
const damage = z.object({
  object: z.string(),
  offset: z.number().optional(),
  reason: z.string(),
  paths: z.array(z.string()),
});
const keySlot = z.object({ slot: z.string(), kind: z.enum(['passphrase', 'keyFile', 'none']), createdAt: z.string() });
const sourceSummary = z.object({
  name: z.string(),
  content: z.enum(['DATABASE', 'FILES', 'CONFIGURATION']),
  plugin: z.string(),
  files: z.number(),
  directories: z.number(),
  bytes: z.number(),
  tables: z.array(table),
});

export type StoredTable = z.output<typeof table>;
export type StoredLabel = z.output<typeof label>;
export type StoredWarning = z.output<typeof warning>;
export type StoredDamage = z.output<typeof damage>;
export type StoredKeySlot = z.output<typeof keySlot>;
export type StoredSourceSummary = z.output<typeof sourceSummary>;

export const storedTables = (json: unknown): StoredTable[] => z.array(table).parse(json);
export const storedLabels = (json: unknown): StoredLabel[] => z.array(label).parse(json);
export const storedWarnings = (json: unknown): StoredWarning[] => z.array(warning).parse(json);
export const storedDamage = (json: unknown): StoredDamage[] => z.array(damage).parse(json);
export const storedKeySlots = (json: unknown): StoredKeySlot[] => z.array(keySlot).parse(json);
export const storedSourceSummaries = (json: unknown): StoredSourceSummary[] => z.array(sourceSummary).parse(json);
