/** The operations on sources. */
import { randomUUID } from 'node:crypto';
import type { DiscoveredItem } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import type { EngineInput, KeptInput } from './operations.ts';
import type { Run } from './run.ts';
import type { Workshop } from './workshop.ts';

/** More would not help anybody to choose. */
const MOST_ITEMS = 10_000;

export async function checkSource(workshop: Workshop, input: EngineInput<'checkSource'>, run: Run): Promise<null> {
  await using source = await workshop.source(input.source);
  await workshop.withContext(randomUUID(), run.signal, {}, (context) => source.check(context));
  return null;
}

/** Brings back what a restore has replaced, source by source. Throws `RESTORE_NOT_KEPT` where none of them has anything kept. */
export async function revertRestore(workshop: Workshop, input: KeptInput, run: Run): Promise<null> {
  let reverted = 0;
  let missing: StrongroomError | undefined;
  for (const choice of input.sources) {
    await using source = await workshop.source(choice);
    if (source.revert === undefined) continue;
    try {
      await workshop.withContext(randomUUID(), run.signal, {}, async (context) =>
        source.revert?.(input.restoreId, context),
      );
      reverted += 1;
    } catch (error) {
      if (!(error instanceof StrongroomError) || error.code !== 'RESTORE_NOT_KEPT') throw error;
      missing ??= error;
    }
  }
  if (reverted === 0) throw missing ?? new StrongroomError('RESTORE_NOT_KEPT', { restore: input.restoreId });
  return null;
}

/** Lets go of what a restore has replaced, source by source. */
export async function discardPrevious(workshop: Workshop, input: KeptInput, run: Run): Promise<null> {
  for (const choice of input.sources) {
    await using source = await workshop.source(choice);
    await workshop.withContext(randomUUID(), run.signal, {}, async (context) =>
      source.discardPrevious?.(input.restoreId, context),
    );
  }
  return null;
}

export async function discoverSource(
  workshop: Workshop,
  input: EngineInput<'discoverSource'>,
  run: Run,
): Promise<readonly DiscoveredItem[]> {
  await using source = await workshop.source(input.source);
  return await workshop.withContext(randomUUID(), run.signal, {}, async (context) => {
    const items: DiscoveredItem[] = [];
    for await (const item of source.discover(context)) {
      if (items.length === MOST_ITEMS) break;
      items.push(item);
    }
    return items;
  });
}
