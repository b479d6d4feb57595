/** What the operations of a process may use together: bandwidth to each repository, and lanes. The host's side. */
import type { Bandwidth, RepositoryAccess } from './operations.ts';
import { Throttle, type Timer } from './throttle.ts';

/** Which way bytes go: `upload` to the storage target. */
export type Direction = 'upload' | 'download';

/** What a thread is told of the limits of its operation. Plain data. */
export interface Allowance {
  /** Ways for which it has to ask before bytes move. */
  readonly paced: readonly Direction[];
  /** Lanes at most; undefined when all may work. */
  readonly lanes: number | undefined;
}

/** Nothing is limited. */
export const unlimited: Allowance = { paced: [], lanes: undefined };

/** One operation's part in the limits, until it is disposed; what it still waits for is then withdrawn. */
export interface Use extends Disposable {
  /** What it may use now. */
  allowance(): Allowance;
  /** Calls `go` once so many bytes may move. */
  ask(direction: Direction, bytes: number, go: () => void): void;
  /** So many bytes more, or less when negative, have moved than was asked for. */
  correct(direction: Direction, bytes: number): void;
}

interface Member {
  readonly repositoryId: string | undefined;
  /** Whether it works with lanes. */
  readonly isRun: boolean;
  readonly onChange: (allowance: Allowance) => void;
}

const directions = ['upload', 'download'] as const;

/** Keeps a pair of throttles for each repository that was ever limited here: as many as the catalogue has. */
export class Limits implements Disposable {
  readonly #timer: Timer;
  readonly #throttles = new Map<string, Readonly<Record<Direction, Throttle>>>();
  readonly #members = new Set<Member>();
  #lanes: number | undefined;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** Holds everything that works with the repository, now and later, to `bandwidth` together. */
  limitBandwidth(repositoryId: string, bandwidth: Bandwidth): void {
    const known = this.#throttles.get(repositoryId);
    if (directions.every((direction) => known?.[direction].rate === bandwidth[direction])) return;
    const throttles = known ?? { upload: new Throttle(this.#timer), download: new Throttle(this.#timer) };
    this.#throttles.set(repositoryId, throttles);
    for (const direction of directions) throttles[direction].limit(bandwidth[direction]);
    this.#tell((member) => member.repositoryId === repositoryId);
  }

  /** So many lanes at most work for all runs together, divided evenly, but at least one for each run. */
  limitLanes(lanes: number | undefined): void {
    if (lanes === this.#lanes) return;
    this.#lanes = lanes;
    this.#tell(({ isRun }) => isRun);
  }

  /** Admits an operation. `onChange` hears of every change of its allowance. */
  enter(access: RepositoryAccess | undefined, isRun: boolean, onChange: Member['onChange']): Use {
    const repositoryId = access?.repositoryId;
    if (repositoryId !== undefined && access?.bandwidth !== undefined) {
      this.limitBandwidth(repositoryId, access.bandwidth);
    }
    const member: Member = { repositoryId, isRun, onChange };
    const throttleOf = (direction: Direction): Throttle | undefined => this.#throttlesOf(member)?.[direction];
    const shareOut = (): void => {
      if (isRun && this.#lanes !== undefined) this.#tell((other) => other.isRun && other !== member);
    };
    this.#members.add(member);
    shareOut();
    return {
      allowance: () => this.#allowanceOf(member),
      ask(direction, bytes, go) {
        const throttle = throttleOf(direction);
        if (throttle === undefined) go();
        else throttle.ask(member, bytes, go);
      },
      correct: (direction, bytes) => throttleOf(direction)?.correct(bytes),
      [Symbol.dispose]: () => {
        for (const direction of directions) throttleOf(direction)?.withdraw(member);
        this.#members.delete(member);
        shareOut();
      },
    };
  }

  [Symbol.dispose](): void {
    for (const { upload, download } of this.#throttles.values()) {
      upload[Symbol.dispose]();
      download[Symbol.dispose]();
    }
  }

  #tell(concerned: (member: Member) => boolean): void {
    for (const member of this.#members) if (concerned(member)) member.onChange(this.#allowanceOf(member));
  }

  #allowanceOf(member: Member): Allowance {
    const throttles = this.#throttlesOf(member);
    return {
      paced: directions.filter((direction) => throttles?.[direction].rate !== undefined),
      lanes: member.isRun ? this.#shareOf(member) : undefined,
    };
  }

  #throttlesOf({ repositoryId }: Member): Readonly<Record<Direction, Throttle>> | undefined {
    return repositoryId === undefined ? undefined : this.#throttles.get(repositoryId);
  }

  #shareOf(member: Member): number | undefined {
    if (this.#lanes === undefined) return undefined;
    const runs = [...this.#members].filter(({ isRun }) => isRun);
    const rest = runs.indexOf(member) < this.#lanes % runs.length ? 1 : 0;
    return Math.max(1, Math.floor(this.#lanes / runs.length) + rest);
  }
}
