/** What a restore of files would do, by a look at each path and no more. */
import { setImmediate } from 'node:timers/promises';
import { pathToText } from '../../../src/contracts/index.ts';
import type { ConflictPolicy, PreviewItem, SourceContext, StoredEntry } from '../../../src/contracts/index.ts';
import { throwIfCancelled } from './cancel.ts';
import { TargetView } from './target-view.ts';
import type { Standing } from './target-view.ts';
import { TreeGuard } from './tree-guard.ts';

export interface FilePreview {
  /** Absolute, allowed, links resolved; need not be there. */
  readonly target: string;
  readonly policy: ConflictPolicy;
  readonly context: SourceContext;
}

const PAUSE_EVERY = 256;

/**
 * One item for each entry that `restoreFiles` would write or leave: files are compared by kind, size and time of last
 * change. A directory that is there already is no item.
 */
export async function* previewFiles(
  entries: AsyncIterable<StoredEntry>,
  { target, policy, context }: FilePreview,
): AsyncGenerator<PreviewItem> {
  const view = new TargetView(Buffer.from(target).toString('latin1'));
  const guard = new TreeGuard();
  let count = 0;
  for await (const entry of entries) {
    if (++count % PAUSE_EVERY === 0) await setImmediate();
    throwIfCancelled(context.signal);
    const admitted = guard.admit(entry);
    if ('refused' in admitted) continue;
    const standing = view.at(admitted.path);
    if (standing.kind === 'directory' && entry.kind === 'directory') continue;
    yield itemFor(entry, standing, policy, pathToText(view.absolute(admitted.path)));
  }
}

function itemFor(entry: StoredEntry, standing: Standing, policy: ConflictPolicy, subject: string): PreviewItem {
  const bytes = entry.size;
  if (standing.kind === 'absent') return { action: 'ADD', subject, bytes };
  const reason = differenceOf(entry, standing);
  if (policy === 'FAIL') return { action: 'CONFLICT', subject, bytes: 0, reason: reason ?? 'there already, alike' };
  if (policy === 'SKIP') return { action: 'KEEP', subject, bytes: 0, reason: reason ?? 'there already, alike' };
  if (reason === undefined) return { action: 'KEEP', subject, bytes, reason: 'alike in size and time; written anew' };
  return { action: 'CHANGE', subject, bytes, reason };
}

/** How what is there differs, in words; `undefined` when it looks the same. */
function differenceOf(entry: StoredEntry, standing: Exclude<Standing, { kind: 'absent' }>): string | undefined {
  if (standing.kind === 'blocked') return 'a file or link is where its directory would be';
  const { stats } = standing;
  if (standing.kind === 'directory') return 'a directory is there';
  if (entry.kind === 'directory') return 'a file or link is there';
  if (stats.isSymbolicLink() !== (entry.kind === 'symlink')) return 'something of another kind is there';
  if (entry.kind === 'file' && stats.size !== BigInt(entry.size)) return 'another size';
  if (entry.metadata.mtimeNs !== undefined && stats.mtimeNs !== entry.metadata.mtimeNs) return 'another time of change';
  return undefined;
}
