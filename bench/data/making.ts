/** What every maker of data needs to know. */
export interface Making {
  /** 1 for the amounts that are documented; less while a scenario is worked on. */
  readonly scale: number;
  readonly signal: AbortSignal;
}
