/** Colours, or none. */
import { styleText } from 'node:util';

type Paint = (text: string) => string;

export interface Style {
  readonly good: Paint;
  readonly bad: Paint;
  readonly caution: Paint;
  readonly faint: Paint;
  readonly strong: Paint;
  /** A run's status in its colour. */
  readonly status: Paint;
}

type Format = Parameters<typeof styleText>[0];

/** Makes the style; without `colour` every text stays as it is. */
export function createStyle(colour: boolean): Style {
  const paint =
    (format: Format): Paint =>
    (text) =>
      colour ? styleText(format, text, { validateStream: false }) : text;
  const good = paint('green');
  const bad = paint('red');
  const caution = paint('yellow');
  const statuses: Readonly<Record<string, Paint>> = {
    SUCCEEDED: good,
    PARTIAL: caution,
    FAILED: bad,
    CANCELLED: caution,
    RUNNING: paint('cyan'),
  };
  return {
    good,
    bad,
    caution,
    faint: paint('dim'),
    strong: paint('bold'),
    status: (status) => (statuses[status] ?? ((text) => text))(status.toLowerCase()),
  };
}
