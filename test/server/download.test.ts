import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentDisposition } from '../../src/server/download.ts';
import { createDownloadLinks } from '../../src/server/download-links.ts';
import { startTestService, type TestService } from './support/service.ts';
import { makeBackup, makeGround } from './support/workload.ts';

let service: TestService;
let backupId: string;
beforeAll(async () => {
  service = await startTestService();
  backupId = await makeBackup(service, await makeGround(service, 'files'));
});
afterAll(() => service?.[Symbol.asyncDispose]());

const link = async (path: string): Promise<string> => {
  const query = 'query($id: ID!, $path: String!) { backup(id: $id) { downloadUrl(path: $path) { url expiresAt } } }';
  const { downloadUrl } = await service.ask<{ downloadUrl: { url: string } }>('backup', query, { id: backupId, path });
  return downloadUrl.url;
};

test('a link gives the file, whole, without a header', async () => {
  const response = await fetch(await link('/files/uploads/deep/c.bin'));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-length')).toBe('300000');
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="c.bin"; filename*=UTF-8''c.bin`);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.equals(Buffer.alloc(300_000, 7))).toBe(true);
});

test('damage in the middle breaks the connection off', async () => {
  const path = '/files/uploads/deep/c.bin';
  const url = await link(path);
  service.engine.damagedFile = path;
  try {
    const response = await fetch(url);
    await expect(response.arrayBuffer()).rejects.toThrow();
  } finally {
    service.engine.damagedFile = undefined;
  }
});

test('a client that goes away before the first byte ends the reading', async () => {
  const url = await link('/files/uploads/a.txt');
  const { engine } = service;
  const { readFile } = engine;
  const reading = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  engine.readFile = async function* (_input, signal) {
    try {
      reading.resolve();
      if (signal !== undefined) await once(signal, 'abort');
      yield Buffer.from('too late');
    } finally {
      ended.resolve();
    }
  };
  try {
    const leave = new AbortController();
    const response = fetch(url, { signal: leave.signal });
    await reading.promise;
    leave.abort();
    await expect(response).rejects.toThrow();
    await ended.promise;
  } finally {
    engine.readFile = readFile;
  }
});

test('a changed, made-up or expired link opens nothing', async () => {
  const url = await link('/files/uploads/a.txt');
  const [payload = '', signature = ''] = url.slice(url.lastIndexOf('/') + 1).split('.');
  const other = Buffer.from(JSON.stringify({ b: backupId, p: '/files/uploads/b.txt', e: Date.now() + 60_000 }));
  for (const signed of [
    '',
    'x',
    'x.y',
    payload,
    `${other.toString('base64url')}.${signature}`,
    `${payload}.${signature}x.y`,
  ]) {
    expect((await fetch(`${service.url}/download/${signed}`)).status).toBe(signed === '' ? 403 : 403);
  }
  const key = service.assembly.sealing.deriveKey('download links');
  const past = createDownloadLinks(key, () => service.url, { now: () => new Date(Date.now() - 3_600_000) });
  const row = await service.assembly.catalogue.prisma.backup.findFirstOrThrow();
  expect((await fetch(past.create({ backupId: row.id, path: '/files/uploads/a.txt' }).url)).status).toBe(403);
});

test('a path that is no file, or not there, is an error that names it', async () => {
  const query = 'query($id: ID!, $path: String!) { backup(id: $id) { downloadUrl(path: $path) { url } } }';
  const folder = await service.post(query, { id: backupId, path: '/files/uploads' });
  expect(folder.errors?.[0]?.extensions).toMatchObject({ code: 'INPUT_INVALID', field: 'path' });
  const missing = await service.post(query, { id: backupId, path: '/files/uploads/none' });
  expect(missing.errors?.[0]?.extensions).toMatchObject({ code: 'SNAPSHOT_PATH_NOT_FOUND' });
});

test.each([
  ['/files/a b.txt', `attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt`],
  ['/files/ü"\r\nx: y.txt', `attachment; filename="____x_ y.txt"; filename*=UTF-8''%C3%BC%22%0D%0Ax%3A%20y.txt`],
  [`/files/it's (1)*.txt`, `attachment; filename="it_s _1__.txt"; filename*=UTF-8''it%27s%20%281%29%2A.txt`],
])('the name of %j is safe in a header', (path, header) => {
  expect(contentDisposition(path)).toBe(header);
});
