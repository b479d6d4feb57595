import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableLines } from '../../../src/cli/output/table.ts';
import { cutToWidth, displayWidth, pad, printable } from '../../../src/cli/output/text.ts';

test('what could act on a terminal is written out', () => {
  expect(printable('a\u001B[2Jb\nc\u009Bd\u202Ee')).toBe('a\\x1b[2Jb\\x0ac\\x9bd\\u{202e}e');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/u);
    }),
  );
});

test('widths count columns, not characters', () => {
  expect(displayWidth('abc')).toBe(3);
  expect(displayWidth('日本')).toBe(4);
  expect(displayWidth('\u001B[31mred\u001B[39m')).toBe(3);
  expect(displayWidth('e\u0301')).toBe(1);
});

test('text is cut to its width, keeping the end of a path', () => {
  expect(cutToWidth('/files/uploads/a.txt', 10)).toBe('/files/up…');
  expect(cutToWidth('/files/uploads/a.txt', 10, 'end')).toBe('…ads/a.txt');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, width) => {
      expect(displayWidth(cutToWidth(printable(text), width, 'end'))).toBeLessThanOrEqual(width);
    }),
  );
});

test('columns line up, colours and wide characters not counted', () => {
  const rows = [
    { name: '\u001B[31mred\u001B[39m', size: '5' },
    { name: '日本', size: '1234' },
  ];
  const lines = tableLines(rows, [
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'SIZE', align: 'right', cell: ({ size }) => size },
  ]);
  expect(lines).toEqual(['NAME  SIZE', '\u001B[31mred\u001B[39m      5', '日本  1234']);
  expect(pad('x', 3, 'right')).toBe('  x');
});
