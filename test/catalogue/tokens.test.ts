import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyMigrations } from '../../prisma/migrate.ts';
import { openCatalogue } from '../../src/catalogue/client.ts';
import type { Catalogue } from '../../src/catalogue/client.ts';
import { authenticate, createToken, ensureAdminToken, revokeToken } from '../../src/catalogue/tokens.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';

let server: PostgresServer;
let catalogue: Catalogue;
let now: Date;
const clock = { now: (): Date => now };
const actor = 'token:tester';

beforeAll(async () => {
  server = await startPostgres();
  await applyMigrations(server.url, () => undefined);
  catalogue = openCatalogue(server.url);
});
beforeEach(async () => {
  now = new Date('2026-05-01T12:00:00Z');
  await catalogue.prisma.accessToken.deleteMany();
  await catalogue.prisma.event.deleteMany();
});
afterAll(async () => {
  await catalogue[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const later = (milliseconds: number): Date => new Date(now.getTime() + milliseconds);
const make = (expiresAt?: Date) =>
  catalogue.prisma.$transaction((transaction) => createToken(transaction, { name: 'ci', expiresAt, actor }));
const signIn = (secret: string) => authenticate(catalogue.prisma, secret, clock);
const revoke = (id: string) =>
  catalogue.prisma.$transaction((transaction) => revokeToken(transaction, { id, actor }, clock));
const firstStart = () => catalogue.prisma.$transaction((transaction) => ensureAdminToken(transaction));

describe('access tokens', () => {
  test('let their holder in and are nowhere in the catalogue', async () => {
    const { token, secret } = await make();
    expect(secret).toMatch(/^srt_[\w-]{43}$/);
    expect(await signIn(secret)).toMatchObject({ id: token.id, name: 'ci' });
    const rows = await catalogue.prisma.$queryRaw<{ row: string }[]>`
      SELECT t::text AS row FROM access_token t UNION ALL SELECT e::text FROM event e`;
    const hex = Buffer.from(secret.slice(4), 'base64url').toString('hex');
    for (const { row } of rows) {
      expect(row).not.toContain(secret.slice(4));
      expect(row).not.toContain(hex);
    }
    expect(token).not.toHaveProperty('hash');
    expect(await signIn(secret)).not.toHaveProperty('hash');
  });

  test('let nobody else in', async () => {
    const { secret } = await make();
    const wrong = `${secret.slice(0, -2)}${secret.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const attempt of ['', 'srt_', wrong, secret.slice(4), `${secret}A`, 'srt_'.padEnd(100_000, 'x')]) {
      expect(await signIn(attempt)).toBeUndefined();
    }
  });

  test('end when they expire', async () => {
    const { secret } = await make(later(1_000));
    now = later(999);
    expect(await signIn(secret)).toBeDefined();
    now = later(1);
    expect(await signIn(secret)).toBeUndefined();
  });

  test('end when they are revoked, once and for good', async () => {
    const { token, secret } = await make();
    const at = now;
    expect((await revoke(token.id)).revokedAt).toEqual(at);
    expect(await signIn(secret)).toBeUndefined();
    now = later(5_000);
    expect((await revoke(token.id)).revokedAt).toEqual(at);
    const events = await catalogue.prisma.event.findMany({ orderBy: { sequence: 'asc' } });
    expect(events.map(({ type, subjectId }) => [type, subjectId])).toEqual([
      ['token.created', token.id],
      ['token.revoked', token.id],
    ]);
    await expect(revoke('00000000-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });

  test('note their use at most once a minute', async () => {
    const { token, secret } = await make();
    const used = async () =>
      (await catalogue.prisma.accessToken.findUniqueOrThrow({ where: { id: token.id } })).lastUsedAt;
    const first = now;
    expect((await signIn(secret))?.lastUsedAt).toEqual(first);
    expect(await used()).toEqual(first);
    now = later(59_000);
    expect((await signIn(secret))?.lastUsedAt).toEqual(first);
    expect(await used()).toEqual(first);
    now = later(1_000);
    await signIn(secret);
    expect(await used()).toEqual(now);
  });

  test('begin with one for the administrator, given to one of all that start at once', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => firstStart()));
    const made = results.filter((result) => result !== undefined);
    expect(made).toHaveLength(1);
    expect(await signIn(made[0]?.secret ?? '')).toMatchObject({ name: 'admin' });
    await revoke(made[0]?.token.id ?? '');
    expect(await firstStart()).toBeUndefined();
  });
});
