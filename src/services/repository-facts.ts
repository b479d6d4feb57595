/** What the engine saw in a repository, kept in its row and shown for some seconds. */
import type { Prisma, PrismaClient, Repository } from '../catalogue/generated/prisma/client.ts';
import type { Clock } from '../clock.ts';
import type { Engine, KeySlotFacts, RepositoryFacts } from '../engine/operations.ts';
import { StrongroomError } from '../errors.ts';
import type { Access } from './access.ts';
import { asJson, signalled } from './rows.ts';

/** How long what was seen is shown without looking again. */
const freshMs = 10_000;

export interface FactsKeeper {
  /** Looks now, and keeps what it sees in the row. */
  look(row: Repository, signal?: AbortSignal): Promise<RepositoryFacts>;
  /** What was seen a few seconds ago, or looks now; those who ask at the same time share one look. */
  recent(row: Repository): Promise<RepositoryFacts>;
  /** Makes the next `recent` look. */
  forget(id: string): void;
}

export function createFactsKeeper(deps: {
  readonly prisma: PrismaClient;
  readonly engine: Engine;
  readonly access: Access;
  readonly clock: Clock;
}): FactsKeeper {
  const seen = new Map<string, { readonly at: number; readonly facts: Promise<RepositoryFacts> }>();
  const look = async (row: Repository, signal?: AbortSignal): Promise<RepositoryFacts> => {
    const facts = await deps.engine.run(
      'checkRepository',
      { repository: deps.access.repository(row) },
      signalled(signal),
    );
    const data = { ...factColumns(facts), checkedAt: deps.clock.now() };
    await deps.prisma.repository.updateMany({ where: { id: row.id }, data });
    return facts;
  };
  return {
    look,
    recent(row) {
      const now = deps.clock.now().getTime();
      for (const [id, { at }] of seen) if (now - at >= freshMs) seen.delete(id);
      const known = seen.get(row.id);
      if (known !== undefined) return known.facts;
      const facts = look(row);
      seen.set(row.id, { at: now, facts });
      facts.catch(() => seen.delete(row.id));
      return facts;
    },
    forget: (id) => void seen.delete(id),
  };
}

/** The columns that hold what was seen. */
export const factColumns = (facts: RepositoryFacts) =>
  ({
    keySlots: asJson(facts.keySlots),
    snapshots: facts.snapshots,
    storedBytes: facts.storedBytes,
    freeBytes: facts.freeBytes ?? null,
  }) satisfies Prisma.RepositoryUpdateManyMutationInput;

/**
 * Throws `STATE_CONFLICT` for the slot that Strongroom itself opens the repository with, so that it does not lock itself
 * out. Where the engine does not tell which one that is, every slot of the same kind may be.
 */
export function refuseOwnSlot(
  row: Repository,
  ownKind: KeySlotFacts['kind'],
  facts: RepositoryFacts,
  slot: string,
): void {
  const alike = facts.keySlots.filter((one) => one.kind === ownKind);
  const own = facts.openedBy ?? (alike.length === 1 ? alike[0]?.slot : undefined);
  const mayBeOwn = own === undefined ? alike.some((one) => one.slot === slot) : own === slot;
  if (!mayBeOwn || facts.keySlots.length === 1) return;
  const reason = `Strongroom itself opens the repository with the key slot ${slot}; attach the repository with another key first`;
  throw new StrongroomError('STATE_CONFLICT', { type: 'repository', id: row.id, state: 'in use', reason });
}
