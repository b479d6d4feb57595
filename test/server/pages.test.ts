import { createHash } from 'node:crypto';
import { buildSchema, parse, validate } from 'graphql';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleTabs } from '../../src/server/graphiql-examples.ts';
import { inlineScript } from '../../src/server/graphiql.ts';
import { startTestService, type TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service?.[Symbol.asyncDispose]());

test('GraphiQL is one document that loads nothing from anywhere', async () => {
  const response = await fetch(`${service.url}/graphql`, { headers: { accept: 'text/html' } });
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(html).toContain('Strongroom');
  const markup = html.replace(inlineScript(html), '').replace(/<style>[\s\S]*?<\/style>/u, '');
  expect(markup).not.toMatch(/(src|href)="(https?:)?\/\//u);
  expect(html).not.toMatch(/@import|url\(["']?https?:/u);
  const policy = response.headers.get('content-security-policy') ?? '';
  const hash = createHash('sha256').update(inlineScript(html)).digest('base64');
  expect(policy).toContain(`script-src 'sha256-${hash}'`);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|\*/u);
});

test('every example of GraphiQL is valid', async () => {
  const schema = buildSchema(await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8'));
  for (const { query } of exampleTabs) expect(validate(schema, parse(query))).toEqual([]);
});

test('/healthz and /readyz answer without a token', async () => {
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
});

test('every answer carries the security headers', async () => {
  for (const path of ['/healthz', '/nothing', '/graphql', '/download/x']) {
    const { headers } = await fetch(service.url + path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  }
});

test('an unknown path is a 404', async () => {
  expect((await fetch(`${service.url}/etc/passwd`)).status).toBe(404);
});
