/** The log of what happened: events are only ever added. */
import type { CatalogueTransaction } from './client.ts';
import type { EventSeverity, Prisma } from './generated/prisma/client.ts';

export interface NewEvent {
  /** Noun and verb: `token.revoked`. */
  readonly type: string;
  /** `INFO` when absent. */
  readonly severity?: EventSeverity;
  /** One sentence for people. */
  readonly summary: string;
  /** Who or what did it, for instance `token:admin`. */
  readonly actor: string;
  readonly subject?: { readonly type: string; readonly id: string };
  /** Facts for programs; never a secret. */
  readonly data?: Prisma.InputJsonObject;
}

/** Adds an event in the transaction of what it tells, so that neither is there without the other. */
export async function appendEvent(transaction: CatalogueTransaction, event: NewEvent): Promise<void> {
  await transaction.event.create({
    data: {
      type: event.type,
      severity: event.severity ?? 'INFO',
      summary: event.summary,
      actor: event.actor,
      subjectType: event.subject?.type ?? null,
      subjectId: event.subject?.id ?? null,
      data: event.data ?? {},
    },
  });
}
