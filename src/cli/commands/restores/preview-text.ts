/** What a restore would do, in words. */
import { formatBytes, formatCount, formatWord } from '../../output/format.ts';
import type { Style } from '../../output/style.ts';
import { tableLines } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import type { conflictPolicies, RestorePreview } from './documents.ts';

type Policy = (typeof conflictPolicies)[number];
type Item = RestorePreview['items'][number];

/** Items that are shown; `--json` has all that the server gives. */
const SHOWN = 20;

/** What asks for attention comes first. */
const order = ['CONFLICT', 'DROP', 'CHANGE', 'ADD', 'KEEP'];

const rank = ({ action }: Item): number => (order.includes(action) ? order.indexOf(action) : order.length);

/** What happens to things that are kept: only `overwrite` writes them, too. */
const keptText = (policy: Policy): string => (policy === 'OVERWRITE' ? 'alike but written anew' : 'kept as they are');

function actionText(action: string, policy: Policy, style: Style): string {
  const words: Readonly<Record<string, string>> = {
    ADD: style.good('add'),
    CHANGE: style.caution('replace'),
    KEEP: style.faint(policy === 'OVERWRITE' ? 'write anew' : 'keep'),
    DROP: style.bad('drop'),
    CONFLICT: style.bad('in the way'),
  };
  return words[action] ?? formatWord(action);
}

/** What is not written has no size: `0 B` would read as an empty file. */
const sizeText = ({ action, bytes }: Item): string =>
  action !== 'ADD' && Number(bytes ?? 0) === 0 ? '-' : formatBytes(bytes);

const total = ({ added, changed, kept, dropped, conflicts }: RestorePreview): number =>
  [added, changed, kept, dropped, conflicts].reduce((sum: number, count) => sum + Number(count ?? 0), 0);

function summaryLines(preview: RestorePreview, policy: Policy): string[] {
  const { added, changed, kept, dropped, conflicts, bytes } = preview;
  const drops = Number(dropped ?? 0) === 0 ? '' : `${formatCount(dropped)} to drop, `;
  const counts =
    `${formatCount(added)} to add, ${formatCount(changed)} to replace, ${formatCount(kept)} ${keptText(policy)}, ` +
    `${drops}${formatCount(conflicts)} in the way; ${formatBytes(bytes)} to write`;
  return Number(conflicts ?? 0) === 0
    ? [counts]
    : [
        counts,
        'Nothing would be restored while something is in the way: --on-conflict overwrite replaces it, skip keeps it.',
      ];
}

const isThing = ({ action }: Item): boolean => action !== 'NOTE';

/** What is to be known before. */
const noteLines = ({ items }: RestorePreview): string[] =>
  items
    .filter((item) => !isThing(item))
    .map(({ subject, reason }) => `Note: ${printable(subject)}${reason === null ? '' : `: ${printable(reason)}`}`);

function restText(preview: RestorePreview, shown: number): string[] {
  const all = total(preview);
  const { length } = preview.items.filter(isThing);
  if (all <= shown) return [];
  const where = length === shown ? '' : ` (${length < all ? `the first ${formatCount(length)}` : 'all'} with --json)`;
  return [`… and ${formatCount(all - shown)} more${where}`];
}

/** The summary and notes, then the items that matter most. */
export function previewLines(preview: RestorePreview, policy: Policy, style: Style): string[] {
  const items = preview.items
    .filter(isThing)
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, SHOWN);
  const table = tableLines(items, [
    { title: 'ACTION', cell: ({ action }) => actionText(action, policy, style) },
    { title: 'SOURCE', cell: ({ source }) => printable(source) },
    { title: 'SIZE', align: 'right', cell: sizeText },
    {
      title: 'WHAT',
      cell: ({ subject, reason }) => `${printable(subject)}${reason === null ? '' : ` (${printable(reason)})`}`,
    },
  ]);
  return [
    ...summaryLines(preview, policy),
    ...noteLines(preview),
    ...(items.length === 0 ? [] : ['', ...table]),
    ...restText(preview, items.length),
  ];
}
