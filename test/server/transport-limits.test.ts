import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/clock.ts';
import { createLogger } from '../../src/log.ts';
import { createDownloadHandler } from '../../src/server/download.ts';
import { createDownloadLinks } from '../../src/server/download-links.ts';
import { startHttpServer } from '../../src/server/http.ts';
import { serverLimits } from '../../src/server/limits.ts';
import { mutate, startTestService, type TestService } from './support/service.ts';
import { makeGround } from './support/workload.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service?.[Symbol.asyncDispose]());

async function open(protocol = 'graphql-transport-ws'): Promise<WebSocket> {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/graphql`, protocol);
  await once(socket, 'open');
  return socket;
}
const closeCode = async (socket: WebSocket): Promise<unknown> => (await once(socket, 'close'))[0];

async function signIn(socket: WebSocket): Promise<void> {
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${service.token}` } }));
  await once(socket, 'message');
}

describe('a socket', () => {
  test('that sends too large a message is closed with 1009', async () => {
    const socket = await open();
    await signIn(socket);
    socket.send('x'.repeat(serverLimits.socketMessage + 1));
    expect(await closeCode(socket)).toBe(1009);
  });

  test('that does not sign in is closed with 4408, one that asks before with 4401', async () => {
    const silent = await open();
    const eager = await open();
    eager.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ server { version } }' } }));
    expect(await closeCode(eager)).toBe(4401);
    expect(await closeCode(silent)).toBe(4408);
  });

  test('of another protocol is refused', async () => {
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
    const [error] = await once(socket, 'error').catch((thrown: unknown) => [thrown]);
    expect(error).toBeInstanceOf(Error);
  });

  test('may have so many operations under way and no more', async () => {
    const { workloadId, repositoryId } = await makeGround(service, 'many');
    const held = service.engine.hold('backup');
    const { id } = await mutate(service, 'createBackup', { workloadId, repositoryId }, 'Backup');
    await held.started;
    const socket = await open();
    await signIn(socket);
    const refused = Promise.withResolvers<unknown>();
    socket.on('message', (data: Buffer) => {
      const message: { type: string; payload: unknown } = JSON.parse(data.toString());
      if (message.type === 'error') refused.resolve(message.payload);
    });
    const query = `subscription { backupProgress(id: "${id}") { status } }`;
    for (let index = 0; index <= serverLimits.socketOperations; index++) {
      socket.send(JSON.stringify({ id: String(index), type: 'subscribe', payload: { query } }));
    }
    expect(await refused.promise).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'SERVER_BUSY' }) }),
    ]);
    held.release();
    socket.close();
  });
});

test('headers have a limit', async () => {
  const response = await fetch(`${service.url}/healthz`, { headers: { 'x-long': 'x'.repeat(serverLimits.headers) } });
  expect(response.status).toBe(431);
});

describe('a server of parts', () => {
  const log = createLogger({ level: 'error', format: 'json', clock: systemClock, write: () => undefined });
  const unused = () => Promise.reject(new Error('Not asked for in this test.'));

  test('is not ready while the catalogue is out of reach, but alive', async () => {
    await using server = await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      graphql: unused,
      graphiql: unused,
      download: unused,
      sockets: { upgrade: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() },
      ready: () => Promise.reject(new Error('out of reach')),
      stopping: new AbortController(),
      log,
    });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const masked = await fetch(`${server.url}/download/x`);
    expect(masked.status).toBe(500);
    expect(await masked.text()).not.toContain('Not asked for');
  });

  test('sends so many downloads at once and no more', async () => {
    const go = Promise.withResolvers<void>();
    const links = createDownloadLinks(new Uint8Array(32), () => '', systemClock);
    const entry = { name: 'a', path: '/files/a', kind: 'file', size: 1 } as const;
    const download = createDownloadHandler({
      links,
      log,
      browse: {
        list: unused,
        stat: () => Promise.resolve(entry),
        async *read() {
          await go.promise;
          yield Buffer.from('x');
        },
      },
    });
    await using server = await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      graphql: unused,
      graphiql: unused,
      download,
      sockets: { upgrade: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() },
      ready: () => Promise.resolve(),
      stopping: new AbortController(),
      log,
    });
    const { url } = links.create({ backupId: '00000000-0000-4000-8000-000000000000', path: '/files/a' });
    const all = Array.from({ length: serverLimits.downloads + 1 }, () => fetch(server.url + url));
    const refused = await Promise.race(all);
    expect(refused.status).toBe(503);
    go.resolve();
    const statuses = (await Promise.all(all)).map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([...Array.from({ length: serverLimits.downloads }, () => 200), 503]);
  });
});
