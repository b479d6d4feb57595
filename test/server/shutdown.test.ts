import { createServer } from 'node:net';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { mutate, startTestService } from './support/service.ts';
import { makeGround } from './support/workload.ts';

test('stopping closes sockets with 1001, ends event streams with their closing word, and takes no more', async () => {
  await using service = await startTestService();
  const { workloadId, repositoryId } = await makeGround(service, 'stopping');
  const held = service.engine.hold('backup');
  const { id } = await mutate(service, 'createBackup', { workloadId, repositoryId }, 'Backup');
  await held.started;
  const query = `subscription { backupProgress(id: "${id}") { status } }`;

  const closed = Promise.withResolvers<number>();
  const client = createClient({
    url: `${service.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${service.token}` },
    retryAttempts: 0,
    on: { closed: (event) => closed.resolve((event as { code: number }).code) },
  });
  const overSocket = client.iterate({ query });
  await overSocket.next();
  const events = await fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${service.token}`,
    },
    body: JSON.stringify({ query }),
  });

  const stopped = service.running[Symbol.asyncDispose]();
  expect(await closed.promise).toBe(1001);
  expect(await events.text()).toContain('event: complete');
  await stopped;
  await expect(fetch(`${service.url}/healthz`)).rejects.toThrow('fetch failed');
  await client.dispose();
});

test('a port in use is named with what to do', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(startTestService({ STRONGROOM_PORT: String(port) })).rejects.toMatchObject({ code: 'SERVER_ADDRESS' });
  blocker.close();
});
