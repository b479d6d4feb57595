/** Breaking changes of the API: none may come without an announcement. */
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

export interface BreakingChange {
  /** What changes: `Type`, `Type.field`, `Type.field.argument`. */
  readonly path: string;
  readonly message: string;
}

/** Breaking changes from one schema to another, both in schema language. */
export async function breakingChanges(from: string, to: string): Promise<readonly BreakingChange[]> {
  const changes = await diff(buildSchema(from), buildSchema(to));
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ path, message }) => ({ path: path ?? message, message }));
}

/** The changes that the changelog does not name under a heading "Breaking" of its part "Unreleased". */
export function unannounced(changes: readonly BreakingChange[], changelog: string): readonly BreakingChange[] {
  const announcement = part(part(changelog, 2, 'Unreleased'), 3, 'Breaking');
  // A name counts only whole: `Backup.name` does not announce `Backup.nameOfHost`.
  const named = new Set(announcement.match(/[\w@][\w@.]*\w/g));
  return changes.filter(({ path }) => !named.has(path));
}

/** Text below a heading of a level and a title, up to the next heading of that level or above. */
function part(text: string, level: number, title: string): string {
  const lines = text.split('\n');
  const isHeading = (line: string): boolean => /^#+ /.test(line) && line.indexOf(' ') <= level;
  const start = lines.findIndex(
    (line) =>
      isHeading(line) && line.indexOf(' ') === level && line.slice(level).replaceAll(/[[\]]/g, '').trim() === title,
  );
  if (start === -1) return '';
  const length = lines.slice(start + 1).findIndex(isHeading);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}
