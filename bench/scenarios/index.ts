/** Every scenario by its name, in the order in which they run and are shown. */
import type { Scenario } from '../bench.ts';
import { growth } from './growth.ts';
import { incremental } from './incremental.ts';
import { levels } from './levels.ts';
import { mariadb } from './mariadb.ts';
import { mixed } from './mixed.ts';
import { postgres } from './postgres.ts';
import { restore } from './restore.ts';
import { smallFiles } from './small-files.ts';
import { stream } from './stream.ts';
import { verify } from './verify.ts';

export interface ScenarioChoice {
  readonly scenario: Scenario;
  /** Rounds where none are asked for. */
  readonly rounds: number;
  /** Run without being asked for. */
  readonly byDefault: boolean;
}

const usual = (scenario: Scenario): ScenarioChoice => ({ scenario, rounds: 5, byDefault: true });

export const scenarios: ReadonlyMap<string, ScenarioChoice> = new Map([
  ['mixed', usual(mixed)],
  ['small-files', usual(smallFiles)],
  ['stream', usual(stream)],
  ['incremental', usual(incremental)],
  ['restore', usual(restore)],
  ['verify', usual(verify)],
  ['growth', usual(growth)],
  ['postgres', usual(postgres)],
  ['mariadb', usual(mariadb)],
  ['levels', { scenario: levels, rounds: 1, byDefault: false }],
]);
