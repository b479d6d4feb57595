/** What a scenario gets. */
import type { DataSets } from './data/sets.ts';
import type { Making } from './data/making.ts';
import type { Run } from './process.ts';
import type { Row } from './report.ts';

export interface Bench extends Making {
  readonly rounds: number;
  /** An existing folder of the scenario's own, removed after it. */
  readonly place: string;
  /** The folder that holds all data and places: what the service may touch. */
  readonly root: string;
  readonly data: DataSets;
  readonly run: Run;
  /** Tells whoever waits how far it is. */
  say(text: string): void;
}

/** Measures something and answers its rows. */
export type Scenario = (bench: Bench) => Promise<readonly Row[]>;
