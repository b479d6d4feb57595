/** Changes that people and programs make, as events: who, what, before and after. Never a secret. */
import type { CatalogueTransaction } from '../catalogue/client.ts';
import { appendEvent } from '../catalogue/events.ts';
import { type Actor, actorName } from './actor.ts';
import { asJson } from './rows.ts';

export interface Change {
  /** For instance `workload.updated`. */
  readonly type: string;
  /** In words: `Workload shop is changed.` */
  readonly summary: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly before?: object;
  readonly after?: object;
}

/** Columns that an event never repeats: sealed values, and what would be noise. */
const unsaid: ReadonlySet<string> = new Set([
  'sealedSecrets',
  'sealedStorageSecrets',
  'sealedKey',
  'createdAt',
  'updatedAt',
]);

/** Appends the event in the transaction of the change. */
export async function recordChange(transaction: CatalogueTransaction, actor: Actor, change: Change): Promise<void> {
  const { before, after } = change;
  await appendEvent(transaction, {
    type: change.type,
    summary: change.summary,
    actor: actorName(actor),
    subject: change.subject,
    data: {
      ...(before !== undefined && { before: said(before) }),
      ...(after !== undefined && { after: said(after) }),
    },
  });
}

const said = (row: object) =>
  asJson(
    Object.fromEntries(
      Object.entries(row)
        .filter(([name, value]) => !unsaid.has(name) && !(value instanceof Uint8Array))
        .map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
    ),
  );
