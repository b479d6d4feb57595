/** Makes a worker known in the catalogue for as long as it lives, and has it heed the limit that its row says. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { goneBefore } from '../services/workers.ts';
import type { RunDeps } from './run-spec.ts';

/** What a worker says of itself. */
export interface WorkerFacts {
  /** A second worker that lives at the same time under this name gets a number behind it. */
  readonly name: string;
  /** Lanes that one run may use. */
  readonly lanes: number;
}

export type PresenceDeps = Pick<RunDeps, 'prisma' | 'engine' | 'clock' | 'log'>;

interface Place {
  readonly id: string;
  readonly name: string;
  readonly laneLimit: number | null;
}

/** Time between two signs of life, at each of which the limit is looked at. */
const beatMs = 2_000;
/** Workers that have been gone for so long are forgotten, with their limits. */
const forgottenAfterMs = 30 * 24 * 3600 * 1000;

/**
 * Takes a row for this process and applies its limit. Whoever was gone and is back finds its row and its limit again. Disposing marks it as
 * stopped.
 */
export async function announceWorker(deps: PresenceDeps, facts: WorkerFacts): Promise<AsyncDisposable> {
  const { prisma, clock, log } = deps;
  const instance = randomUUID();
  const forgotten = new Date(clock.now().getTime() - forgottenAfterMs);
  await prisma.worker.deleteMany({ where: { lastSeenAt: { lt: forgotten } } });
  let place = await takePlace(deps, facts, instance);
  const heed = ({ laneLimit }: Place): void => deps.engine.limitLanes(laneLimit ?? undefined);
  heed(place);
  log.info('The worker is known', { name: place.name });

  const beat = async (): Promise<void> => {
    const here = { id: place.id, instance };
    const [seen] = await prisma.worker.updateManyAndReturn({ where: here, data: { lastSeenAt: clock.now() } });
    // Somebody took this worker for gone, and the row with it.
    place = seen ?? (await takePlace(deps, facts, instance));
    heed(place);
  };
  const closing = new AbortController();
  const beating = onAndOn(beat, closing.signal, (error) =>
    log.warn('The worker could not give a sign of life', { error }),
  );
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await beating;
      await prisma.worker
        .updateMany({ where: { id: place.id, instance }, data: { stoppedAt: clock.now() } })
        .catch((error: unknown) => log.warn('The worker could not say that it stops', { error }));
    },
  };
}

/** Takes the row of a worker of that name that is gone, or makes one, under the first name that is free. */
async function takePlace(
  { prisma, clock }: PresenceDeps,
  { name, lanes }: WorkerFacts,
  instance: string,
): Promise<Place> {
  for (let number = 1; ; number++) {
    const own = number === 1 ? name : `${name}-${number}`;
    const now = clock.now();
    const data = { instance, lanes, startedAt: now, lastSeenAt: now };
    const [taken] = await prisma.worker.updateManyAndReturn({
      where: { name: own, OR: [{ stoppedAt: { not: null } }, { lastSeenAt: { lt: goneBefore(now) } }] },
      data: { ...data, stoppedAt: null },
    });
    if (taken !== undefined) return taken;
    const [made] = await prisma.worker.createManyAndReturn({ data: [{ name: own, ...data }], skipDuplicates: true });
    if (made !== undefined) return made;
  }
}

/** Calls `action` every so often until `signal` is aborted. Of failures in a row the first is told. */
async function onAndOn(
  action: () => Promise<void>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  let failing = false;
  for (;;) {
    await delay(beatMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await action();
      failing = false;
    } catch (error) {
      if (!failing) onError(error);
      failing = true;
    }
  }
}
