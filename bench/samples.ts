/** Collects what a scenario measures, and makes rows of it. */
import { compare, type Row } from './report.ts';

/** What Strongroom's samples are kept under. */
export const OURS = 'strongroom';

/** The peer of rows that compare Strongroom with itself. */
export const ITSELF = 'itself';

export class Samples {
  readonly #scenario: string;
  readonly #say: (text: string) => void;
  /** By measure and tool, in the order of the rounds. */
  readonly #values = new Map<string, Map<string, number[]>>();

  constructor(scenario: string, say: (text: string) => void) {
    this.#scenario = scenario;
    this.#say = say;
  }

  /** Keeps what one round came to, and tells it. */
  add(measure: string, tool: string, value: number): void {
    const tools = this.#values.get(measure) ?? new Map<string, number[]>();
    this.#values.set(measure, tools.set(tool, [...(tools.get(tool) ?? []), value]));
    this.#say(`${this.#scenario}: ${tool}: ${measure}: ${value.toFixed(2)}`);
  }

  /** A row for each peer that was measured; one without a peer where there was none. */
  against(measure: string, targets: Readonly<Record<string, number>>): readonly Row[] {
    const tools = this.#values.get(measure) ?? new Map<string, number[]>();
    const ours = tools.get(OURS) ?? [];
    const peers = [...tools].filter(([tool]) => tool !== OURS);
    if (peers.length === 0) return [compare(this.#scenario, measure, ours)];
    return peers.map(([name, values]) =>
      compare(this.#scenario, measure, ours, { name, values }, targets[name] ?? null),
    );
  }

  /** A row of what has no peer. */
  alone(measure: string, target: number | null): Row {
    return compare(this.#scenario, measure, this.#values.get(measure)?.get(OURS) ?? [], undefined, target);
  }
}
