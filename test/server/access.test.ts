import { getIntrospectionQuery } from 'graphql';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryLimits } from '../../src/graphql/limits.ts';
import { serverLimits } from '../../src/server/limits.ts';
import { startTestService, type TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service?.[Symbol.asyncDispose]());

describe('every audit of GraphQL over HTTP', () => {
  const audits = serverAudits({
    url: () => `${service.url}/graphql`,
    fetchFn: (url: string, init?: RequestInit) =>
      fetch(url, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init?.headers)), authorization: `Bearer ${service.token}` },
      }),
  });
  test.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const { status, ...rest } = await audit.fn();
    expect({ status, ...(status === 'ok' ? {} : { reason: 'reason' in rest && rest.reason }) }).toEqual({
      status: 'ok',
    });
  });
});

describe('without a valid token', () => {
  const documents = ['{ server { version } }', '{ nothing }', getIntrospectionQuery(), '{', 'subscription { x }'];

  test.each(['', 'Bearer', 'Bearer srt_wrong', 'Basic YTpi', `Bearer srt_${'a'.repeat(43)}`])(
    'nothing is read: %s',
    async (authorization) => {
      for (const document of documents) {
        for (const accept of ['application/json', 'text/event-stream']) {
          const { status, errors, text } = await service.post(document, {}, { authorization, accept });
          expect(status).toBe(401);
          expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
          expect(text).not.toMatch(/Did you mean|Syntax|__schema|Query/u);
        }
      }
    },
  );

  test('GET is refused as well, and the answer says how to sign in', async () => {
    const response = await fetch(`${service.url}/graphql?query={server{version}}`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
  });

  test('a revoked and an expired token open nothing', async () => {
    const { prisma } = service.assembly.catalogue;
    const made = await service.ask<{ secret: string; token: { id: string } }>(
      'createToken',
      'mutation { createToken(input: { name: "gone" }) { ... on CreatedToken { secret token { id } } } }',
    );
    const authorization = `Bearer ${made.secret}`;
    expect((await service.post('{ viewer { name } }', {}, { authorization })).data).toEqual({
      viewer: { name: 'gone' },
    });
    await prisma.accessToken.updateMany({ where: { name: 'gone' }, data: { expiresAt: new Date(0) } });
    expect((await service.post('{ viewer { name } }', {}, { authorization })).status).toBe(401);
    await prisma.accessToken.updateMany({ where: { name: 'gone' }, data: { expiresAt: null } });
    await service.post(`mutation { revokeToken(input: { id: "${made.token.id}" }) { __typename } }`);
    expect((await service.post('{ viewer { name } }', {}, { authorization })).status).toBe(401);
  });
});

describe('with a token', () => {
  test('introspection is allowed', async () => {
    const { data, errors } = await service.post(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    expect(data).toHaveProperty('__schema');
  });
});

describe('what a browser could send without asking is refused', () => {
  test.each([
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/graphql',
  ])('%s', async (type) => {
    const response = await fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${service.token}` },
      body: 'query={server{version}}',
    });
    expect(response.status).toBe(415);
  });

  test('no origin is let in', async () => {
    const response = await fetch(`${service.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a mutation by GET is refused', async () => {
    const query = encodeURIComponent('mutation { createWorkload(input: { name: "x" }) { __typename } }');
    const response = await fetch(`${service.url}/graphql?query=${query}`, {
      headers: { authorization: `Bearer ${service.token}` },
    });
    expect(response.status).toBe(405);
  });
});

describe('limits', () => {
  const many = (count: number, make: (index: number) => string): string =>
    Array.from({ length: count }, (_, i) => make(i)).join(' ');

  test.each([
    ['tokens', `{ ${many(queryLimits.tokens, () => 'server')} }`, /tokens/u],
    ['aliases', `{ server { ${many(queryLimits.aliases + 1, (i) => `a${i}: version`)} } }`, /aliases/u],
    [
      'directives',
      `{ server { ${many(queryLimits.directives + 1, () => 'version @include(if: true)')} } }`,
      /directives/u,
    ],
    ['root fields', `{ ${many(queryLimits.rootFields + 1, () => '__typename')} }`, /root fields/u],
    [
      'root fields hidden in fragments',
      `query { ...A ...A } fragment A on Query { ${many(queryLimits.rootFields / 2 + 1, () => '__typename')} }`,
      /root fields/u,
    ],
    [
      'depth',
      `{ workloads { nodes { ${'backups { nodes { workload { '.repeat(5)} id ${'} } }'.repeat(5)} } } }`,
      /depth/u,
    ],
    ['breadth', `{ server { ${many(queryLimits.breadth + 1, () => 'version')} } }`, /breadth/u],
    ['complexity', '{ backups(first: 200) { nodes { restores(first: 200) { nodes { id } } } } }', /complexity/u],
    [
      'cyclic fragments',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      /Cannot spread fragment/u,
    ],
  ])('%s', async (_name, query, measure) => {
    const { data, errors } = await service.post(query);
    expect(data ?? undefined).toBeUndefined();
    expect(errors?.[0]?.message).toMatch(measure);
  });

  test('what clients really ask stays within them', async () => {
    const { errors } = await service.post(`{ backups(first: 100) { totalCount nodes {
      id name type status logicalBytes storedBytes createdAt workload { id name } repository { id name } labels { key value }
      sources { name content files bytes tables { name rows } } warnings(first: 5) { code subject message }
    } pageInfo { hasNextPage endCursor } } }`);
    expect(errors).toBeUndefined();
  });

  test('the body', async () => {
    const { status } = await fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${service.token}` },
      body: JSON.stringify({ query: '{ server { version } }', variables: { x: 'x'.repeat(serverLimits.body) } }),
    });
    expect(status).toBe(413);
  });

  test('batches', async () => {
    const response = await fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${service.token}` },
      body: JSON.stringify([{ query: '{ server { version } }' }, { query: '{ server { version } }' }]),
    });
    expect(response.status).toBe(400);
  });
});

describe('a defect', () => {
  test('is masked with a reference that leads to the log', async () => {
    const { prisma } = service.assembly.catalogue;
    const workload = await prisma.workload.create({ data: { name: 'broken', labels: 'no list' } });
    const { errors, text } = await service.post('{ workload(name: "broken") { labels { key } } }');
    const reference = errors?.[0]?.extensions?.['reference'];
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'INTERNAL' } });
    expect(text).not.toMatch(/zod|expected|invalid_type|stack/iu);
    expect(service.logged.some((line) => line.includes(String(reference)))).toBe(true);
    await prisma.workload.delete({ where: { id: workload.id } });
  });
});
