/** The parts of a workload: create, change, delete, test, discover. */
import type { DiscoveredItem } from '../contracts/index.ts';
import type { Actor, Changed } from './actor.ts';

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
