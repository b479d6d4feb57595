import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GraphQLTransport } from '../../src/cli/transport.ts';
import { schema } from '../../src/graphql/schema.ts';
import { surroundingsOf } from '../../src/server/graphql-context.ts';
import { createLocalTransport } from '../../src/server/local-transport.ts';
import { startTestService, type TestService } from './support/service.ts';
import { makeBackup, makeGround } from './support/workload.ts';

let service: TestService;
let transport: GraphQLTransport;
let backupId: string;
beforeAll(async () => {
  service = await startTestService();
  const { assembly } = service;
  const stopping = new AbortController();
  const surroundings = surroundingsOf(assembly, { baseUrl: () => '', stopping: stopping.signal });
  const { browse } = assembly.services;
  const parts = { [Symbol.asyncDispose]: () => Promise.resolve(stopping.abort()) };
  transport = createLocalTransport({ schema, ...surroundings, browse, parts });
  backupId = await makeBackup(service, await makeGround(service, 'local'));
});
afterAll(async () => {
  await transport?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
});

test('queries answer plain values, with full rights and no token', async () => {
  const answer = await transport.execute({
    query: 'query($id: ID!) { viewer { id } backup(id: $id) { logicalBytes createdAt } }',
    variables: { id: backupId },
  });
  expect(answer).toEqual({ data: { viewer: null, backup: { logicalBytes: '300023', createdAt: expect.any(String) } } });
});

test('errors come as over HTTP', async () => {
  expect((await transport.execute({ query: '{' })).errors?.[0]?.message).toMatch(/Syntax/u);
  const { errors } = await transport.execute({ query: '{ backups(first: 500) { totalCount nodes { id } } }' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'INPUT_INVALID', field: 'first' });
});

test('subscriptions stream and end', async () => {
  const query = 'subscription($id: ID!) { backupProgress(id: $id) { status finished } }';
  const answers: unknown[] = [];
  for await (const next of transport.subscribe({ query, variables: { id: backupId } })) answers.push(next);
  expect(answers).toEqual([{ data: { backupProgress: { status: 'SUCCEEDED', finished: true } } }]);
});

test('what an in-process caller does is its own in the records', async () => {
  const query = 'mutation { createWorkload(input: { name: "by hand" }) { __typename } }';
  await transport.execute({ query });
  const { data } = await transport.execute({ query: '{ events(first: 1) { nodes { actor } } }' });
  expect(data).toEqual({ events: { nodes: [{ actor: 'system:command line' }] } });
});

test('links lead to the bytes', async () => {
  const query = 'query($id: ID!) { backup(id: $id) { downloadUrl(path: "/files/uploads/a.txt") { url } } }';
  const { data } = await transport.execute({ query, variables: { id: backupId } });
  const { downloadUrl } = (data as { backup: { downloadUrl: { url: string } } }).backup;
  const chunks: Uint8Array[] = [];
  for await (const chunk of transport.download(downloadUrl.url)) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('first file\n');
});
