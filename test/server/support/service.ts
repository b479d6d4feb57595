/** A service on a real PostgreSQL with the engine of tests, spoken to as a client would. */
import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../../src/config.ts';
import { systemClock } from '../../../src/clock.ts';
import { createLogger } from '../../../src/log.ts';
import { type Assembly, assemble } from '../../../src/server/assemble.ts';
import { type RunningService, serve } from '../../../src/server/serve.ts';
import { createFakeEngine, type FakeEngine } from '../../support/fake-engine.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

type Json = Record<string, unknown>;

/** A GraphQL answer; `data` is as deep as a test cares to look. */
export interface Answer {
  readonly status: number;
  readonly data: Json | null | undefined;
  readonly errors: readonly { message: string; path?: unknown; extensions?: Json }[] | undefined;
  readonly text: string;
}

export interface TestService extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly engine: FakeEngine;
  readonly assembly: Assembly;
  readonly running: RunningService;
  /** A folder below the allowed root. */
  readonly root: string;
  /** Everything that was logged. */
  readonly logged: string[];
  post(query: string, variables?: Json, headers?: Record<string, string>): Promise<Answer>;
  /** Runs an operation that must succeed and answers its root field of that name. */
  ask<T = Json>(field: string, query: string, variables?: Json): Promise<T>;
}

/** Starts it; the token is the administrator's. */
export async function startTestService(environment: Record<string, string> = {}): Promise<TestService> {
  await using parts = new AsyncDisposableStack();
  const directory = parts.use(await makeTempDir('service'));
  const postgres = parts.use(await startPostgres());
  const logged: string[] = [];
  const engine = createFakeEngine();
  const config = loadConfig({
    STRONGROOM_DATA_DIR: directory.join('data'),
    STRONGROOM_SECRET_KEY: randomBytes(32).toString('hex'),
    STRONGROOM_ROOTS: directory.path,
    STRONGROOM_PORT: '0',
    DATABASE_URL: await postgres.createDatabase('catalogue'),
    ...environment,
  });
  const log = createLogger({
    level: 'debug',
    format: 'json',
    clock: systemClock,
    write: (line) => void logged.push(line),
  });
  const around = { createEngine: () => engine, clock: systemClock, version: '0.0.0-test', log };
  const assembly = parts.use(await assemble(config, around, 'start'));
  const running = parts.use(await serve(assembly));
  const token = running.adminToken;
  if (token === undefined) throw new Error('A new service shows its first token.');

  const post: TestService['post'] = async (query, variables = {}, headers = {}) => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const { data, errors }: Pick<Answer, 'data' | 'errors'> = JSON.parse(text);
    return { status: response.status, data, errors, text };
  };
  const owned = parts.move();
  return {
    url: running.url,
    token,
    engine,
    assembly,
    running,
    root: directory.path,
    logged,
    post,
    async ask<T>(field: string, query: string, variables: Json = {}) {
      const { data, errors } = await post(query, variables);
      if (errors !== undefined || !data) throw new Error(`The operation failed: ${JSON.stringify(errors)}`);
      return data[field] as T;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What every failure is asked for. */
export const failure = '__typename ... on Error { code message help } ... on InvalidInputError { field }';

/** What is asked of a mutation's result: the id, or the failure. */
export interface Result extends Json {
  readonly __typename: string;
  readonly id: string;
  readonly code?: string;
  readonly field?: string;
}

/** Runs `mutation { name(input) { … } }`; `type` is its success type, `fields` what is asked of it. */
export const mutate = (
  service: TestService,
  name: string,
  input: Json,
  type: string,
  fields = 'id',
): Promise<Result> => {
  const inputType = name === 'restoreBackup' ? 'RestoreInput' : `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return service.ask<Result>(
    name,
    `mutation($input: ${inputType}!) { ${name}(input: $input) { ${failure} ... on ${type} { ${fields} } } }`,
    { input },
  );
};
