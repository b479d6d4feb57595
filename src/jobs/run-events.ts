/** What happens to runs, as events. */
import type { CatalogueTransaction } from '../catalogue/client.ts';
import { appendEvent } from '../catalogue/events.ts';
import type { RunKind } from './definitions.ts';

export interface RunEvent {
  readonly what:
    | 'created'
    | 'started'
    | 'completed'
    | 'failed'
    | 'retrying'
    | 'requeued'
    | 'cancelled'
    | 'cancelRequested';
  readonly severity: 'INFO' | 'WARNING' | 'ERROR';
  /** No secrets. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Who changes runs when no person or program asked for it. */
export const workerActor = 'system:worker';

const words: Readonly<Record<RunEvent['what'], string>> = {
  created: 'is queued',
  started: 'has started',
  completed: 'is complete',
  failed: 'has failed',
  retrying: 'has met an error and will be tried again',
  requeued: 'is given to another worker',
  cancelled: 'is cancelled',
  cancelRequested: 'is asked to stop',
};

const typeNames = { backup: 'Backup', restore: 'Restore', verification: 'Verification' } as const satisfies Record<
  RunKind,
  string
>;

/** Appends the event in the transaction of the change. */
export async function recordRunEvent(
  transaction: CatalogueTransaction,
  kind: RunKind,
  run: { readonly id: string; readonly title: string },
  event: RunEvent,
  actor: string,
): Promise<void> {
  await appendEvent(transaction, {
    type: `${kind}.${event.what}`,
    severity: event.severity,
    summary: `${run.title} ${words[event.what]}.`,
    actor,
    subject: { type: typeNames[kind], id: run.id },
    data: { ...event.facts },
  });
}
