/** How tables in a backup differ from those that are there now, in words. */

export interface ComparedColumn {
  readonly name: string;
  /** As the database writes it. */
  readonly type: string;
  readonly notNull: boolean;
  /** Computed by the server. */
  readonly generated: boolean;
}

export interface ComparedTable {
  readonly kind: string;
  readonly columns: readonly ComparedColumn[];
}

/** What is different about the definition, the backup's side named first; empty where nothing is. */
export function differences(backedUp: ComparedTable, now: ComparedTable): readonly string[] {
  const kind = backedUp.kind === now.kind ? [] : [`it was a ${backedUp.kind} and is a ${now.kind}`];
  const before = new Map(backedUp.columns.map((column) => [column.name, column]));
  const after = new Map(now.columns.map((column) => [column.name, column]));
  const lost = now.columns.filter(({ name }) => !before.has(name)).map(({ name }) => `column ${name} was added since`);
  const back = backedUp.columns
    .filter(({ name }) => !after.has(name))
    .map(({ name }) => `column ${name} was dropped since`);
  const changed = backedUp.columns.flatMap((column) => {
    const other = after.get(column.name);
    return other === undefined ? [] : changesOf(column, other);
  });
  return [...kind, ...lost, ...back, ...changed];
}

function changesOf(before: ComparedColumn, after: ComparedColumn): readonly string[] {
  return [
    ...(before.type === after.type ? [] : [`column ${before.name} was ${before.type} and is ${after.type}`]),
    ...(before.notNull === after.notNull
      ? []
      : [`column ${before.name} ${before.notNull ? 'could not be null and can' : 'could be null and can not'}`]),
    ...(before.generated === after.generated
      ? []
      : [`column ${before.name} ${before.generated ? 'was computed and is not' : 'was not computed and is'}`]),
  ];
}

const NAMED = 3;

/** The first differences, as one text. */
export function inWords(found: readonly string[]): string | undefined {
  if (found.length === 0) return undefined;
  const more = found.length > NAMED ? [`and ${found.length - NAMED} more differences`] : [];
  return [...found.slice(0, NAMED), ...more].join(', ');
}
