/** Questions to the person at the terminal. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { StrongroomError } from '../../errors.ts';
import type { InputStream, OutputStream } from '../deps.ts';

export interface Prompt {
  /** Whether there is anybody to ask. */
  readonly interactive: boolean;
  /** Asks for a secret: what is typed is not shown. Rejects with `CANCELLED` on Ctrl-C and at the end of input. */
  secret(question: string): Promise<string>;
  /** Asks for a yes; anything else is a no. */
  confirm(question: string): Promise<boolean>;
}

/** Makes the prompt; questions go to `output`, which is standard error so that results can be piped. */
export function createPrompt(input: InputStream, output: OutputStream): Prompt {
  async function ask(question: string, hidden: boolean): Promise<string> {
    output.write(question);
    const echo = new Writable({
      write(chunk: Uint8Array, _encoding, done) {
        if (!hidden) output.write(chunk);
        done();
      },
    });
    const lines = createInterface({ input, output: echo, terminal: true, historySize: 0 });
    const left = new AbortController();
    lines.once('SIGINT', () => left.abort());
    lines.once('close', () => left.abort());
    try {
      return await lines.question('', { signal: left.signal });
    } catch (error) {
      throw new StrongroomError('CANCELLED', {}, { cause: error });
    } finally {
      lines.close();
      if (hidden) output.write('\n');
    }
  }
  return {
    interactive: input.isTTY === true && output.isTTY === true,
    secret: (question) => ask(question, true),
    async confirm(question) {
      const answer = await ask(`${question} [y/N] `, false);
      return /^y(es)?$/iu.test(answer.trim());
    },
  };
}
