/** A Strongroom in a process of its own with a place for data, and a client that is signed in. */
import { chmod } from 'node:fs/promises';
import { type Api, connect } from '../../support/api-client.ts';
import { type Service, startService } from '../../support/service-process.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';

export interface Scene extends AsyncDisposable {
  /** The only allowed root; holds the data directory `data`. */
  readonly place: TempDir;
  readonly service: Service;
  readonly api: Api;
  /** What the service was started with. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts it, on its embedded catalogue unless `environment` names another. */
export async function startScene(environment: Readonly<Record<string, string>> = {}): Promise<Scene> {
  await using owned = new AsyncDisposableStack();
  const place = owned.use(await makePlace());
  const whole = {
    STRONGROOM_DATA_DIR: place.join('data'),
    STRONGROOM_ROOTS: place.path,
    STRONGROOM_LOG: 'debug',
    ...environment,
  };
  const service = owned.use(await startService({ environment: whole }));
  const api = owned.use(connect(service.url, service.token));
  const stack = owned.move();
  return { place, service, api, environment: whole, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A directory that another user, as whom PostgreSQL runs for root, can pass through. */
export async function makePlace(): Promise<TempDir> {
  const place = await makeTempDir('e2e');
  await chmod(place.path, 0o711);
  return place;
}
