/** The operations on sources. */
import { randomUUID } from 'node:crypto';
import type { DiscoveredItem } from '../contracts/index.ts';
import type { EngineInput } from './operations.ts';
import type { Run } from './run.ts';
import type { Workshop } from './workshop.ts';

/** More would not help anybody to choose. */
const MOST_ITEMS = 10_000;

export async function checkSource(workshop: Workshop, input: EngineInput<'checkSource'>, run: Run): Promise<null> {
  await using source = await workshop.source(input.source);
  await workshop.withContext(randomUUID(), run.signal, {}, (context) => source.check(context));
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
