import { expect, test } from 'vitest';
import { createOutput } from '../../src/cli/output/output.ts';
import { createStyle } from '../../src/cli/output/style.ts';
import { displayWidth } from '../../src/cli/output/text.ts';
import { fractionDone, progressBar, progressLines, progressText } from '../../src/cli/progress.ts';
import type { RunProgress } from '../../src/cli/progress.ts';
import { createProgressView } from '../../src/cli/progress-view.ts';

const running: RunProgress = {
  status: 'RUNNING',
  phase: 'READING',
  currentItem: '/files/uploads/2024/a very long name of a file that does not fit.jpeg',
  itemsDone: '1200',
  itemsTotal: '4800',
  bytesDone: '1073741824',
  bytesTotal: '4294967296',
  bytesPerSecond: 52_428_800,
  secondsLeft: 61,
  warningCount: 2,
  error: null,
  finished: false,
  addedBytes: '524288000',
};
const ended: RunProgress = { ...running, status: 'PARTIAL', phase: 'DONE', finished: true, bytesDone: '4294967296' };
const plain = createStyle(false);

test('a plain line has state, percent and figures with their units', () => {
  expect(progressText(running)).toBe(
    'reading, 25 %, 1.00 GiB of 4.00 GiB, 1,200 of 4,800 items, 500 MiB new, 50.0 MiB/s, 1 min 1 s left, 2 warnings',
  );
  expect(progressText(ended)).toBe('partial, 2 warnings');
  expect(progressText({ ...ended, status: 'SUCCEEDED', warningCount: 0 })).toBe('succeeded');
});

test('what is done is told in bytes, else in items, else not at all', () => {
  expect(fractionDone(running)).toBe(0.25);
  expect(fractionDone({ ...running, bytesTotal: null, itemsDone: 2400 })).toBe(0.5);
  expect(fractionDone({ ...running, bytesTotal: null, itemsTotal: null })).toBeUndefined();
  expect(fractionDone({ ...running, bytesDone: '9999999999' })).toBe(1);
  expect(fractionDone(ended)).toBeUndefined();
});

test('the bar has the width asked for', () => {
  expect(progressBar(0.5, 4)).toBe('██░░');
  expect(progressBar(0.4, 4)).toBe('█▋░░');
  expect(progressBar(1, 4)).toBe('████');
  expect(progressBar(0, 4)).toBe('░░░░');
});

test.each([20, 40, 60, 79, 120, 200])('at %i columns both lines fit', (width) => {
  const lines = progressLines(running, width, plain);
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  expect(lines[0]).toContain('reading');
  if (width >= 60) expect(lines[0]).toContain('25 %');
  expect(lines[1]).toContain(width >= 79 ? 'a very long name' : 'fit.jpeg');
});

test('colours do not change the width', () => {
  const [coloured] = progressLines(running, 100, createStyle(true));
  const [bare] = progressLines(running, 100, plain);
  expect(coloured).toContain('\u001B[');
  expect(displayWidth(coloured)).toBe(displayWidth(bare));
});

test('names of files never control the terminal', () => {
  const [, item] = progressLines({ ...running, currentItem: 'a\u001B]0;owned\u0007\nb' }, 80, plain);
  expect(item).toBe('  a\\x1b]0;owned\\x07\\x0ab');
});

function viewOn(
  terminal: boolean,
  flags: { readonly json?: boolean; readonly quiet?: boolean; readonly jsonLines?: boolean },
) {
  const written: string[] = [];
  const printed: string[] = [];
  const sink = (to: string[]) => ({
    isTTY: terminal,
    columns: 80,
    write(chunk: string | Uint8Array) {
      to.push(String(chunk));
      return true;
    },
    on: () => undefined,
    once: () => undefined,
    off: () => undefined,
  });
  const stderr = sink(written);
  const output = createOutput({
    stdout: sink(printed),
    stderr,
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
    colour: false,
  });
  let time = 0;
  const view = createProgressView({ output, stderr, jsonLines: flags.jsonLines ?? false, now: () => new Date(time) });
  return { view, written, printed, at: (seconds: number) => (time = seconds * 1000) };
}

test('off a terminal lines come at a calm rate, at every new phase, and at the end', () => {
  const { view, written, at } = viewOn(false, {});
  view.show(running);
  at(5);
  view.show(running);
  view.show({ ...running, phase: 'WRITING' });
  at(16);
  view.show({ ...running, phase: 'WRITING' });
  view.show(ended);
  expect(written.map((line) => line.split(',')[0])).toEqual(['reading', 'writing', 'writing', 'partial']);
  expect(written.join('')).not.toContain('\u001B');
});

test('on a terminal it is drawn in place and taken away again', () => {
  const { view, written } = viewOn(true, {});
  view.show(running);
  view.show(running);
  view.clear();
  view.clear();
  expect(written).toHaveLength(4);
  expect(written[1]).toBe('\r\u001B[1A\u001B[J');
  expect(written[2]?.split('\n')).toHaveLength(2);
  expect(written[3]).toBe('\r\u001B[1A\u001B[J');
});

test('JSON lines go to standard output; JSON alone and quiet show nothing', () => {
  const lines = viewOn(true, { json: true, jsonLines: true });
  lines.view.show(running);
  expect(JSON.parse(lines.printed.join(''))).toEqual({ progress: running });
  for (const flags of [{ json: true }, { quiet: true }]) {
    const silent = viewOn(true, flags);
    silent.view.show(running);
    expect([...silent.written, ...silent.printed]).toEqual([]);
  }
});
