/** Text for terminals: what is printed never controls the terminal, and columns line up. */
import { stripVTControlCharacters } from 'node:util';

// Control characters, and the marks that turn the direction of text around them.
const unprintable = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** `text` with everything that could act on a terminal written out, for instance `\x1b`. */
export const printable = (text: string): string =>
  text.replaceAll(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });

/** `text` as a word that a shell takes as it is. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** What is seen as one character each. Made for each text: most are plain, and the first one takes 10 ms. */
const graphemesOf = (text: string): readonly string[] => {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
};

const plain = /^[ -~]*$/u;

// East Asian wide and full-width ranges, and pictures.
const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

/** Columns that `text` takes on a terminal, colours not counted. */
export function displayWidth(text: string): number {
  const shown = stripVTControlCharacters(text);
  if (plain.test(shown)) return shown.length;
  let width = 0;
  for (const grapheme of graphemesOf(shown)) width += wide.test(grapheme) ? 2 : 1;
  return width;
}

/** `text`, which has no colours, cut to at most `width` columns: the end is kept when `keep` says so. */
export function cutToWidth(text: string, width: number, keep: 'start' | 'end' = 'start'): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  const segments = [...graphemesOf(text)];
  if (keep === 'end') segments.reverse();
  const kept: string[] = [];
  let used = 1;
  for (const segment of segments) {
    used += displayWidth(segment);
    if (used > width) break;
    kept.push(segment);
  }
  return keep === 'end' ? `…${kept.toReversed().join('')}` : `${kept.join('')}…`;
}

/** `text` filled up with blanks to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}
