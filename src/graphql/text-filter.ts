/** The condition of every filter by text. */

/** Holds where `text` occurs, in any case. Prisma hands it to ILIKE as it is: its wildcards stand for themselves here. */
export const containing = (text: string): { readonly contains: string; readonly mode: 'insensitive' } => ({
  contains: text.replaceAll(/[\\%_]/gu, String.raw`\$&`),
  mode: 'insensitive',
});
