/** Questions to the person at the terminal. */
import type * as Readline from 'node:readline';
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
  // Lines that were typed or pasted ahead of their question.
  const ahead: string[] = [];

  /** Reads one line. The terminal is only held meanwhile: in between, Ctrl-C is a signal as everywhere. */
  function readLine({ createInterface }: typeof Readline, hidden: boolean): Promise<string> {
    const echo = new Writable({
      write(chunk: Uint8Array, _encoding, done) {
        if (!hidden) output.write(chunk);
        done();
      },
    });
    const lines = createInterface({ input, output: echo, terminal: true, historySize: 0 });
    const answer = Promise.withResolvers<string>();
    let answered = false;
    lines.on('line', (line) => {
      if (answered) ahead.push(line);
      else answer.resolve(line);
      answered = true;
    });
    const leave = (): void => answer.reject(new StrongroomError('CANCELLED', {}));
    lines.once('SIGINT', leave);
    lines.once('close', leave);
    return answer.promise.finally(() => lines.close());
  }

  async function ask(question: string, hidden: boolean): Promise<string> {
    // Only here, as most commands ask nothing; before the question, as nothing typed after it may show.
    const readline = await import('node:readline');
    output.write(question);
    try {
      return ahead.shift() ?? (await readLine(readline, hidden));
    } finally {
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
