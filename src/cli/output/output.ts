/** What commands print: results on standard output, everything about them on standard error. */
import { StrongroomError } from '../../errors.ts';
import type { OutputStream } from '../deps.ts';
import { commandHelp } from './help.ts';
import { createStyle } from './style.ts';
import type { Style } from './style.ts';
import { printable } from './text.ts';

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** The style of standard output, and of standard error. */
  readonly style: Style;
  readonly noteStyle: Style;
  /** Prints the result: `value` as one JSON document with `--json`, otherwise the lines of `text`. */
  result(value: unknown, text: () => readonly string[]): void;
  /** Prints one JSON document in one line. */
  jsonLine(value: unknown): void;
  /** Tells the user something that is not the result; silent with `--quiet` and `--json`. */
  note(text: string): void;
  /** Prints a failure: message, help and code; as JSON with `--json`. */
  failure(failure: Failure): void;
  /** Writes bytes to standard output, resolving when it takes more. */
  bytes(chunk: Uint8Array): Promise<void>;
}

export interface OutputOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether colours are wanted at all; only terminals get them. */
  readonly colour: boolean;
}

export function createOutput({ stdout, stderr, json, quiet, colour }: OutputOptions): Output {
  const noteStyle = createStyle(colour && stderr.isTTY === true && !json);
  return {
    json,
    quiet,
    style: createStyle(colour && stdout.isTTY === true && !json),
    noteStyle,
    result(value, text) {
      const lines = json ? [JSON.stringify(value, undefined, 2)] : text();
      if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
    },
    jsonLine(value) {
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    note(text) {
      if (!quiet && !json) stderr.write(`${printable(text)}\n`);
    },
    failure({ code, message, help }) {
      if (json) {
        stderr.write(`${JSON.stringify({ error: { code, message, help } })}\n`);
        return;
      }
      stderr.write(`${noteStyle.bad('error:')} ${printable(message)} ${noteStyle.faint(`[${code}]`)}\n`);
      if (help !== '') stderr.write(`       ${printable(help)}\n`);
    },
    async bytes(chunk) {
      if (stdout.write(chunk)) return;
      const ready = Promise.withResolvers<void>();
      stdout.once('drain', ready.resolve);
      stdout.once('error', ready.resolve);
      await ready.promise;
      stdout.off('drain', ready.resolve);
      stdout.off('error', ready.resolve);
    },
  };
}

/** Any thrown value as the failure that is shown. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Error && 'code' in thrown && 'help' in thrown) {
    const code = String(thrown.code);
    return { code, message: thrown.message, help: commandHelp(code, String(thrown.help)) };
  }
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const { code, message, help } = new StrongroomError('INTERNAL', { reason });
  return { code, message, help };
}
