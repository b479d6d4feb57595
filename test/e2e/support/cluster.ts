/** The API in one process, workers in others, on one PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { startPostgres } from '../../support/postgres-server.ts';
import { type Program, startWorker } from '../../support/service-process.ts';
import { gatedStorage } from './calls.ts';
import { type Scene, startScene } from './scene.ts';

export interface Cluster extends Scene {
  /** Starts one more worker; it is stopped with the cluster, unless it was before. */
  work(): Promise<Program>;
}

/** Without any worker at first. Knows the storage `gated`. */
export async function startCluster(): Promise<Cluster> {
  await using owned = new AsyncDisposableStack();
  const postgres = owned.use(await startPostgres());
  const scene = owned.use(
    await startScene({
      DATABASE_URL: await postgres.createDatabase('catalogue'),
      STRONGROOM_SECRET_KEY: randomBytes(32).toString('hex'),
      STRONGROOM_PLUGINS: gatedStorage,
      STRONGROOM_WORKER: 'off',
    }),
  );
  let workers = 0;
  const stack = owned.move();
  return {
    ...scene,
    async work() {
      const directory = scene.place.join(`worker-${++workers}`);
      return stack.use(await startWorker({ environment: { ...scene.environment, STRONGROOM_DATA_DIR: directory } }));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
