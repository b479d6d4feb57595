import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { StrongroomError } from '../../src/errors.ts';
import type { OpenedRepository } from '../../src/repository/index.ts';
import { LanePool, type LaneThread } from '../../src/repository/lane-pool.ts';
import type { LaneMessage, Supply, TaskMessage } from '../../src/repository/lane-protocol.ts';
import { makeRepository } from '../support/repository-harness.ts';

/** A lane that does what the test says. */
class StillLane implements LaneThread {
  readonly tasks: number[] = [];
  readonly supplies: Supply[] = [];
  say: (message: LaneMessage) => void = () => undefined;
  end: 'terminated' | 'rested' | undefined;

  post({ task }: TaskMessage): void {
    this.tasks.push(task);
  }
  supply(message: Supply): void {
    this.supplies.push(message);
  }
  onMessage(listener: (message: LaneMessage) => void): void {
    this.say = listener;
  }
  onEnd(): void {}
  async terminate(): Promise<void> {
    this.end = 'terminated';
  }
  rest(): void {
    this.end = 'rested';
  }

  /** Answers the task it has had longest. */
  answer(): void {
    const task = this.tasks.shift();
    if (task !== undefined) this.say({ kind: 'failed', task, error: { code: 'CANCELLED', details: {} } });
  }
}

let repository: OpenedRepository;
let lanes: StillLane[];
let pool: LanePool;

beforeEach(async () => {
  repository = await makeRepository();
  lanes = [];
  const { description, keys } = repository;
  pool = new LanePool({
    repository: { description, keys },
    spawn: () => {
      const lane = new StillLane();
      lanes.push(lane);
      return lane;
    },
    lanes: 3,
    chunks: [],
    buffers: { length: 1024, count: 4 },
    onPack: () => undefined,
    onLevel: () => undefined,
  });
});

/** Submits tasks; what is handed over is counted at once. */
function submit(count: number): { readonly handedOver: () => Promise<number> } {
  let handed = 0;
  for (let index = 0; index < count; index++) {
    pool.submit({ kind: 'flush' }).then(
      () => (handed += 1),
      () => undefined,
    );
  }
  return {
    async handedOver() {
      await setImmediate();
      return handed;
    },
  };
}

const taskCounts = (): readonly number[] => lanes.map(({ tasks }) => tasks.length);

describe('the lanes of a run', () => {
  it('hold back who hands out tasks once each has one to do and one to follow', async () => {
    const { handedOver } = submit(20);
    expect(await handedOver()).toBe(6);
    expect(taskCounts()).toEqual([2, 2, 2]);
    lanes[1]?.answer();
    expect(await handedOver()).toBe(7);
    expect(taskCounts()).toEqual([2, 2, 2]);
  });

  it('are started when there is work that no other one has room for', async () => {
    expect(lanes.length).toBe(0);
    const { handedOver } = submit(1);
    expect(await handedOver()).toBe(1);
    lanes[0]?.answer();
    expect(await submit(1).handedOver()).toBe(1);
    expect(lanes.length).toBe(1);
    expect(await submit(1).handedOver()).toBe(1);
    expect(taskCounts()).toEqual([1, 1]);
  });

  it('share so many buffers and no more until a pack is stored', async () => {
    expect(await submit(3).handedOver()).toBe(3);
    for (const lane of lanes) for (let want = 0; want < 3; want++) lane.say({ kind: 'wantBuffer' });
    expect(lanes.flatMap(({ supplies }) => supplies).length).toBe(4);
  });

  it('beyond a limit get no further tasks, until it is lifted', async () => {
    const first = submit(6);
    expect(await first.handedOver()).toBe(6);
    pool.limit(1);
    const { handedOver } = submit(20);
    for (const lane of lanes) while (lane.tasks.length > 0) lane.answer();
    expect(await handedOver()).toBe(2);
    expect(taskCounts()).toEqual([2, 0, 0]);
    lanes[0]?.answer();
    expect(await handedOver()).toBe(3);
    expect(taskCounts()).toEqual([2, 0, 0]);

    pool.limit(2);
    expect(await handedOver()).toBe(5);
    expect(taskCounts()).toEqual([2, 2, 0]);
    pool.limit(Number.POSITIVE_INFINITY);
    expect(await handedOver()).toBe(7);
    expect(taskCounts()).toEqual([2, 2, 2]);
  });

  it('are never less than one', async () => {
    pool.limit(0);
    const { handedOver } = submit(5);
    expect(await handedOver()).toBe(2);
    expect(taskCounts()).toEqual([2]);
  });

  it('rest for the next run when they have done all they were asked', async () => {
    expect(await submit(3).handedOver()).toBe(3);
    for (const lane of lanes) lane.answer();
    await pool[Symbol.asyncDispose]();
    expect(lanes.map(({ end }) => end)).toEqual(['rested', 'rested', 'rested']);
  });

  it('are ended where they are still at a task', async () => {
    expect(await submit(2).handedOver()).toBe(2);
    lanes[0]?.answer();
    await pool[Symbol.asyncDispose]();
    expect(lanes.map(({ end }) => end)).toEqual(['rested', 'terminated']);
  });

  it('are ended when the run fails or is stopped: what they are in the middle of is not known any more', async () => {
    expect(await submit(2).handedOver()).toBe(2);
    pool.fail(new StrongroomError('CANCELLED', {}));
    await pool[Symbol.asyncDispose]();
    expect(lanes.map(({ end }) => end)).toEqual(['terminated', 'terminated']);
  });

  it('that are waited for end the wait when the run fails', async () => {
    pool.limit(1);
    const { handedOver } = submit(2);
    expect(await handedOver()).toBe(2);
    const waiting = pool.submit({ kind: 'flush' });
    pool.fail(new StrongroomError('CANCELLED', {}));
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
