/** What the service tells its operator: one line a thing that happened. */
import { StrongroomError } from './errors.ts';
import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Facts beside the words. Never a configuration, a key or a token; errors go in as `error`. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** The least level that is written. */
  readonly level: LogLevel;
  /** `json` for machines: an object a line; `text` for people. */
  readonly format: 'json' | 'text';
  /** Takes one line without its end. */
  readonly write: (line: string) => void;
  readonly clock: Clock;
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Names of fields whose values are never written, whatever they hold. */
const secretName = /pass(word|phrase)|secret|token|authorization|keyfile|^key$/i;

export function createLogger(options: LoggerOptions, fields: LogFields = {}): Logger {
  const write = (level: LogLevel, message: string, own: LogFields = {}): void => {
    if (rank[level] < rank[options.level]) return;
    const shown = Object.entries({ ...fields, ...own }).map(([name, value]) => [name, plain(name, value)] as const);
    const time = options.clock.now().toISOString();
    if (options.format === 'json') {
      options.write(JSON.stringify({ time, level, message, ...Object.fromEntries(shown) }));
    } else {
      const rest = shown.map(
        ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
      options.write(`${time} ${level.toUpperCase().padEnd(5)} ${oneLine(message + rest.join(''))}`);
    }
  };
  return {
    debug: (message, own) => write('debug', message, own),
    info: (message, own) => write('info', message, own),
    warn: (message, own) => write('warn', message, own),
    error: (message, own) => write('error', message, own),
    with: (more) => createLogger(options, { ...fields, ...more }),
  };
}

function plain(name: string, value: unknown): unknown {
  if (secretName.test(name)) return '[hidden]';
  if (value instanceof StrongroomError) return { code: value.code, message: value.message, ...causeOf(value) };
  if (value instanceof Error) return { message: value.message, stack: value.stack };
  if (typeof value === 'bigint') return value.toString();
  return value;
}

/** What an internal error came from is for the operator; other codes say all in their message. */
const causeOf = (error: StrongroomError): LogFields =>
  error.code === 'INTERNAL' && error.cause instanceof Error ? { stack: error.cause.stack } : {};

/** A line end inside a value must not look like another line of the log. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ⏎ ');
