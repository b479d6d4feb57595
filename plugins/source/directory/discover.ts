/** What lies at the top of a directory, for people who choose what to back up. */
import { lstatSync, opendirSync } from 'node:fs';
import type { Dir } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { pathToText } from '../../../src/contracts/index.ts';
import type { DiscoveredItem, SourceContext } from '../../../src/contracts/index.ts';
import { throwIfCancelled } from './cancel.ts';
import { scan } from './scan.ts';
import { isMissing } from './warnings.ts';

const MOST_ITEMS = 10_000;
/** Looks spent on adding up directories; those beyond are listed without a size. */
const MOST_LOOKS = 200_000;

/** The entries at the top of `root`, directories with the sum of what is below them; largest directories first. */
export async function discoverDirectory(root: string, context: SourceContext): Promise<readonly DiscoveredItem[]> {
  const found: DiscoveredItem[] = [];
  const budget = { looks: MOST_LOOKS };
  const quiet: SourceContext = { ...context, warn: () => undefined, expect: () => undefined };
  for (const name of namesAt(root)) {
    throwIfCancelled(context.signal);
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]);
    const item = await itemAt(path, pathToText(Buffer.from(name, 'latin1')), quiet, budget);
    if (item !== undefined) found.push(item);
    if (found.length % 256 === 0) await setImmediate();
  }
  const rank = (item: DiscoveredItem): number => (item.kind === 'directory' ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b) || (b.bytes ?? 0) - (a.bytes ?? 0));
}

function namesAt(root: string): readonly string[] {
  const names: string[] = [];
  const directory: Dir = opendirSync(root, { encoding: 'latin1' });
  try {
    for (let entry = directory.readSync(); entry !== null && names.length < MOST_ITEMS; entry = directory.readSync()) {
      names.push(entry.name);
    }
  } finally {
    directory.closeSync();
  }
  return names.toSorted();
}

async function itemAt(
  path: Buffer,
  name: string,
  context: SourceContext,
  budget: { looks: number },
): Promise<DiscoveredItem | undefined> {
  try {
    const stats = lstatSync(path);
    if (!stats.isDirectory()) return { kind: 'file', name, bytes: stats.size };
    if (budget.looks <= 0) return { kind: 'directory', name };
    let bytes = 0;
    for await (const entries of scan({ root: path, oneFileSystem: true }, context)) {
      for (const entry of entries) if (entry.kind === 'file' && 'file' in entry.content) bytes += entry.content.size;
      budget.looks -= entries.length;
      if (budget.looks <= 0) return { kind: 'directory', name };
    }
    return { kind: 'directory', name, bytes };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
