/** Names and texts inside of statements that take no parameters. */

export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

export const qualified = (database: string, name: string): string => `${quoted(database)}.${quoted(name)}`;

/** A text; sessions here never have the mode that takes backslashes for themselves. */
export const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
