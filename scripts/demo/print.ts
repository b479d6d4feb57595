/** What the demo shows. */

export const heading = (text: string): void => void process.stdout.write(`\n== ${text}\n`);
export const line = (text: string): void => void process.stdout.write(`   ${text}\n`);

/** Rows of a name and a value, aligned. */
export function summary(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) line(`${name.padEnd(width)}  ${value}`);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB'];

/** A number of bytes in binary units. */
export function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(count, 1)) / 10)));
  const value = count / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power] ?? 'B'}`;
}

export const seconds = (value: number): string => `${value.toFixed(2)} s`;

/** One line that is rewritten on a terminal, and written only now and then elsewhere. */
export class LiveLine {
  #last = 0;

  show(text: string): void {
    if (process.stdout.isTTY) {
      process.stdout.write(`\r\u001b[K   ${text.slice(0, (process.stdout.columns ?? 80) - 4)}`);
      return;
    }
    if (performance.now() - this.#last < 1000) return;
    this.#last = performance.now();
    line(text);
  }

  end(): void {
    if (process.stdout.isTTY) process.stdout.write('\r\u001b[K');
  }
}
