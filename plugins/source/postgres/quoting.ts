/** Names and texts inside of statements that take no parameters. */

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text; with a backslash in it, in the form that reads alike under every setting of the server. */
export const literal = (text: string): string => {
  const doubled = text.replaceAll("'", "''");
  return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
};
