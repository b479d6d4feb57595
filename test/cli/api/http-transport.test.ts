/** The transport against real HTTP servers that behave, and that do not. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished, expect, test } from 'vitest';
import { createHttpTransport } from '../../../src/cli/api/http-transport.ts';
import { runCli } from '../support/run-cli.ts';

type Handle = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function listen(handle: Handle): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handle(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  const ready = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', ready.resolve);
  await ready.promise;
  onTestFinished(async () => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    await closed.promise;
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const json = (response: ServerResponse, value: unknown): void => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
};

test('operations are posted with their variables and the token', async () => {
  const seen: unknown[] = [];
  const url = await listen((request, response, body) => {
    seen.push(request.method, request.url, request.headers.authorization, JSON.parse(body));
    json(response, { data: { ok: true } });
  });
  await using transport = createHttpTransport({ url: `${url}/below`, token: 'sesame' });
  expect(await transport.execute({ query: '{ ok }', variables: { a: 1 } })).toEqual({ data: { ok: true } });
  expect(seen).toEqual(['POST', '/below/graphql', 'Bearer sesame', { query: '{ ok }', variables: { a: 1 } }]);
});

test.each([
  [401, 'TOKEN_REFUSED'],
  [403, 'TOKEN_REFUSED'],
  [503, 'SERVER_UNREACHABLE'],
])('status %i is %s', async (status, code) => {
  const url = await listen((_request, response) => response.writeHead(status).end('nope'));
  const transport = createHttpTransport({ url, token: 'sesame' });
  await expect(transport.execute({ query: '{ ok }' })).rejects.toMatchObject({ code });
  await expect(transport.execute({ query: '{ ok }' })).rejects.not.toMatchObject({
    message: expect.stringContaining('sesame'),
  });
});

test.each(['<html>', '[]', '{"ok":true}'])('the answer %s is not one of a Strongroom', async (text) => {
  const url = await listen((_request, response) => response.end(text));
  await expect(createHttpTransport({ url }).execute({ query: '{ ok }' })).rejects.toMatchObject({
    code: 'SERVER_ANSWER',
  });
});

test('a redirect is not followed: the token stays here', async () => {
  const url = await listen((_request, response) => response.writeHead(307, { location: 'http://127.0.0.1:2/' }).end());
  await expect(createHttpTransport({ url, token: 't' }).execute({ query: '{ ok }' })).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
  });
});

const event = (name: string, value?: unknown): string =>
  `event: ${name}\ndata: ${value === undefined ? '' : JSON.stringify(value)}\n\n`;

test('subscriptions are event streams that end when they are complete', async () => {
  const url = await listen((request, response) => {
    expect(request.headers.accept).toBe('text/event-stream');
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    response.end(`:\n\n${event('next', { data: { n: 1 } })}${event('next', { data: { n: 2 } })}${event('complete')}`);
  });
  const answers = await Array.fromAsync(createHttpTransport({ url }).subscribe({ query: 'subscription { n }' }));
  expect(answers).toEqual([{ data: { n: 1 } }, { data: { n: 2 } }]);
});

test.each(['end', 'destroy'] as const)('a stream cut off by %s is told from a complete one', async (how) => {
  const url = await listen((_request, response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.write(event('next', { data: { n: 1 } }), () => (how === 'end' ? response.end() : response.destroy()));
  });
  const answers = createHttpTransport({ url }).subscribe({ query: 'subscription { n }' })[Symbol.asyncIterator]();
  expect(await answers.next()).toEqual({ done: false, value: { data: { n: 1 } } });
  await expect(answers.next()).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
});

test('a subscription that is refused answers once', async () => {
  const url = await listen((_request, response) => json(response, { errors: [{ message: 'no' }] }));
  const answers = await Array.fromAsync(createHttpTransport({ url }).subscribe({ query: 'subscription { n }' }));
  expect(answers).toEqual([{ errors: [{ message: 'no' }] }]);
});

test('leaving a subscription closes its connection', async () => {
  const closed = Promise.withResolvers<void>();
  const url = await listen((_request, response) => {
    response.on('close', () => closed.resolve());
    response.setHeader('content-type', 'text/event-stream');
    response.write(event('next', { data: { n: 1 } }));
  });
  for await (const answer of createHttpTransport({ url }).subscribe({ query: 'subscription { n }' })) {
    expect(answer).toEqual({ data: { n: 1 } });
    break;
  }
  await closed.promise;
});

test('aborting ends a call as cancelled', async () => {
  const abort = new AbortController();
  const url = await listen(() => abort.abort());
  const call = createHttpTransport({ url }).execute({ query: '{ ok }' }, abort.signal);
  await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('a call that was aborted before it began is cancelled, and sends nothing', async () => {
  let requests = 0;
  const url = await listen((_request, response) => {
    requests += 1;
    response.end();
  });
  const call = createHttpTransport({ url }).execute({ query: '{ ok }' }, AbortSignal.abort());
  await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(requests).toBe(0);
});

test('one connection serves call after call until the transport is disposed of', async () => {
  const sockets = new Set<unknown>();
  const ended = Promise.withResolvers<void>();
  const url = await listen((request, response) => {
    if (!sockets.has(request.socket)) request.socket.once('close', () => ended.resolve());
    sockets.add(request.socket);
    json(response, { data: { ok: true } });
  });
  {
    await using transport = createHttpTransport({ url });
    for (let call = 0; call < 3; call++) await transport.execute({ query: '{ ok }' });
  }
  await ended.promise;
  expect(sockets.size).toBe(1);
});

test('downloads are streamed, without the token, relative links too', async () => {
  const url = await listen((request, response) => {
    expect(request.headers.authorization).toBeUndefined();
    if (request.url === '/download/signed') response.end('content');
    else response.writeHead(404).end();
  });
  const transport = createHttpTransport({ url, token: 'sesame' });
  const bytes = await Array.fromAsync(transport.download('/download/signed'));
  expect(Buffer.concat(bytes).toString('utf8')).toBe('content');
  await expect(Array.fromAsync(transport.download('/download/else'))).rejects.toMatchObject({ code: 'SERVER_ANSWER' });
});

test('a server that is named and not there is unreachable, with its address and exit code 7', async () => {
  const { code, stderr } = await runCli(['backup', 'list', '--url', 'http://127.0.0.1:2']);
  expect(code).toBe(7);
  expect(stderr).toContain('No Strongroom answers at http://127.0.0.1:2: connect ECONNREFUSED');
  expect(stderr).toContain('[SERVER_UNREACHABLE]');
});

test('a wrong token is told apart from a missing one, with exit code 6 and without showing it', async () => {
  const url = await listen((_request, response) => response.writeHead(401).end());
  const missing = await runCli(['backup', 'list'], { url });
  expect(missing.code).toBe(6);
  expect(missing.stderr).toContain('none was given');
  const wrong = await runCli(['backup', 'list'], { url, token: 'not-the-one' });
  expect(wrong.code).toBe(6);
  expect(wrong.stderr).toContain('the one given is not known');
  expect(wrong.stderr).not.toContain('not-the-one');
});

test('a server of this machine is used even when it refuses: no second one is opened beside it', async () => {
  const url = await listen((_request, response) => response.writeHead(401).end());
  const { code, stderr } = await runCli(['backup', 'list'], { defaultUrl: url });
  expect(code).toBe(6);
  expect(stderr).not.toContain('in this process');
});
