/** Every queue, once: its name, what a job in it says, and how often and how fast it is tried again. */
import { z } from 'zod';

/** How a queue treats its jobs. All times in seconds. */
export interface QueuePolicy {
  /** Attempts after the first, over failures and dead workers together. */
  readonly retryLimit: number;
  /** Before the second attempt; doubled for each one after it, with some jitter. */
  readonly retryDelay: number;
  readonly retryDelayMax: number;
  /** A job whose worker has not been heard of for so long is given to another one. At least 10. */
  readonly heartbeatSeconds: number;
  /** How often a worker tells that it is alive. */
  readonly heartbeatRefreshSeconds: number;
}

export interface JobDefinition<Payload, Name extends QueueName = QueueName> {
  readonly queue: Name;
  readonly payload: z.ZodType<Payload>;
  readonly policy: QueuePolicy;
}

/** The kinds of runs; each has a queue and a table of its name. */
export type RunKind = 'backup' | 'restore' | 'verification';
export type QueueName = RunKind | 'previous';

const policy: QueuePolicy = {
  retryLimit: 6,
  retryDelay: 4,
  retryDelayMax: 300,
  heartbeatSeconds: 20,
  heartbeatRefreshSeconds: 5,
};

/** A run by its id: the row says all the rest, so that a job never holds a secret nor goes stale. */
export const runPayload = z.strictObject({ runId: z.uuid() });
export type RunPayload = z.output<typeof runPayload>;

export const backupJob: JobDefinition<RunPayload, 'backup'> = { queue: 'backup', payload: runPayload, policy };
export const restoreJob: JobDefinition<RunPayload, 'restore'> = { queue: 'restore', payload: runPayload, policy };
export const verificationJob: JobDefinition<RunPayload, 'verification'> = {
  queue: 'verification',
  payload: runPayload,
  policy,
};

/** Lets go of what a restore has replaced and kept. */
const previousPayload = z.strictObject({ restoreId: z.uuid() });
export type PreviousPayload = z.output<typeof previousPayload>;
export const previousJob: JobDefinition<PreviousPayload, 'previous'> = {
  queue: 'previous',
  payload: previousPayload,
  policy,
};

export const jobDefinitions = [backupJob, restoreJob, verificationJob, previousJob] as const;

/** The job that carries out a run of the kind. */
export const jobOf: Readonly<Record<RunKind, JobDefinition<RunPayload, RunKind>>> = {
  backup: backupJob,
  restore: restoreJob,
  verification: verificationJob,
};
