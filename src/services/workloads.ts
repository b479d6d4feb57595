/** What is restored together: create, change, delete. */
import type { Actor, Changed, Label } from './actor.ts';

export interface CreateWorkloadInput {
  /** Unique; 1 to 100 characters. */
  readonly name: string;
  readonly description?: string;
  readonly labels?: readonly Label[];
}

/** Fields that are absent stay as they are. */
export interface UpdateWorkloadInput extends Partial<CreateWorkloadInput> {
  readonly id: string;
}

/** Rejects with `INPUT_INVALID`, `OBJECT_NOT_FOUND`, `NAME_TAKEN`, `STATE_CONFLICT`. */
export interface Workloads {
  create(actor: Actor, input: CreateWorkloadInput): Promise<Changed>;
  update(actor: Actor, input: UpdateWorkloadInput): Promise<Changed>;
  /** Deletes the workload and its sources. `STATE_CONFLICT` while backups of it exist. */
  delete(actor: Actor, id: string): Promise<Changed>;
}
