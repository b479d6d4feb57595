/**
 * Paths are bytes; people and JSON want text. This pair loses nothing: bytes that are not valid UTF-8 become `\xNN`,
 * a backslash becomes `\\`, all else stays as it is.
 */
import { isUtf8 } from 'node:buffer';

/** Text for a path of raw bytes. */
export function pathToText(path: Uint8Array): string {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  if (isUtf8(bytes)) return bytes.toString('utf8').replaceAll('\\', '\\\\');
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      text += `\\x${bytes.toString('hex', at, at + 1)}`;
      at += 1;
    } else {
      text += bytes.toString('utf8', at, at + length).replaceAll('\\', '\\\\');
      at += length;
    }
  }
  return text;
}

/** Bytes of a path that `pathToText` wrote. A backslash that starts neither `\\` nor `\xNN` stands for itself. */
export function pathFromText(text: string): Buffer {
  const parts: Buffer[] = [];
  let rest = 0;
  for (const match of text.matchAll(/\\\\|\\x([0-9a-f]{2})/g)) {
    parts.push(Buffer.from(text.slice(rest, match.index)));
    parts.push(match[1] === undefined ? Buffer.from('\\') : Buffer.from(match[1], 'hex'));
    rest = match.index + match[0].length;
  }
  parts.push(Buffer.from(text.slice(rest)));
  return Buffer.concat(parts);
}

/** Length of the valid UTF-8 sequence that starts at `at`, or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
