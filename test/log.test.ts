import { describe, expect, test } from 'vitest';
import { StrongroomError } from '../src/errors.ts';
import { createLogger, type LoggerOptions } from '../src/log.ts';

function record(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const clock = { now: () => new Date('2026-01-02T03:04:05.678Z') };
  const log = createLogger({ level: 'info', format: 'json', clock, write: (line) => lines.push(line), ...options });
  return { lines, log };
}

describe('the log', () => {
  test('writes one object a line for machines', () => {
    const { lines, log } = record();
    log.debug('unseen');
    log.with({ kind: 'backup' }).warn('A run stops', { bytes: 5n, error: new StrongroomError('CANCELLED', {}) });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        time: '2026-01-02T03:04:05.678Z',
        level: 'warn',
        message: 'A run stops',
        kind: 'backup',
        bytes: '5',
        error: { code: 'CANCELLED', message: 'It was cancelled.' },
      },
    ]);
  });

  test('writes one line for people, whatever is in it', () => {
    const { lines, log } = record({ format: 'text' });
    log.error('two\nlines', { path: 'a\nb' });
    expect(lines).toEqual(['2026-01-02T03:04:05.678Z ERROR two ⏎ lines path=a ⏎ b']);
  });

  test('hides what is called a secret', () => {
    const { lines, log } = record();
    log.info('x', { passphrase: 'p', password: 'p', accessToken: 'p', secretKey: 'p', key: 'p', name: 'seen' });
    expect(lines[0]).not.toContain('"p"');
    expect(lines[0]).toContain('seen');
  });

  test('tells where an internal error comes from', () => {
    const { lines, log } = record();
    log.error('x', { error: new StrongroomError('INTERNAL', { reason: 'r' }, { cause: new Error('deep') }) });
    expect(lines[0]).toContain('deep');
    log.error('y', { error: new TypeError('plain') });
    expect(lines[1]).toContain('plain');
  });
});
