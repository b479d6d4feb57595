/** Access tokens: made here, shown once, kept only as a hash. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { StrongroomError } from '../errors.ts';
import type { AccessToken } from './generated/prisma/client.ts';
import type { CatalogueTransaction } from './client.ts';
import { appendEvent } from './events.ts';

/** A token as everybody may see it. */
export type TokenInfo = Omit<AccessToken, 'hash'>;

export interface NewToken {
  readonly token: TokenInfo;
  /** The token itself, for the only time. */
  readonly secret: string;
}

const PREFIX = 'srt_';
const SECRET_BYTES = 32;
const LAST_USED_EXACTNESS_MS = 60_000;
const ADMIN_NAME = 'admin';
/** Key of the advisory lock under which the first token is made: "TOKN" in ASCII. */
const FIRST_TOKEN_LOCK = 0x544f_4b4e;

/**
 * Makes a token that works until `expiresAt`, or until it is revoked when that is absent, and adds the event
 * `token.created`. To be called in a transaction.
 */
export async function createToken(
  transaction: CatalogueTransaction,
  input: { readonly name: string; readonly expiresAt?: Date | undefined; readonly actor: string },
): Promise<NewToken> {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  const data = { name: input.name, hash: hashOf(secret), expiresAt: input.expiresAt ?? null };
  const token = await transaction.accessToken.create({ data, omit: { hash: true } });
  await appendEvent(transaction, {
    type: 'token.created',
    summary: `The access token ${token.name} was made.`,
    actor: input.actor,
    subject: { type: 'AccessToken', id: token.id },
  });
  return { token, secret };
}

/**
 * The token that `secret` is, or `undefined` if it is none, expired or revoked. Looked up by its hash, so the time it
 * takes tells nothing of other tokens. Notes the use, at most once a minute.
 */
export async function authenticate(
  catalogue: CatalogueTransaction,
  secret: string,
  clock: Clock,
): Promise<TokenInfo | undefined> {
  if (!/^srt_[\w-]{43}$/.test(secret)) return undefined;
  const token = await catalogue.accessToken.findUnique({ where: { hash: hashOf(secret) }, omit: { hash: true } });
  const now = clock.now();
  if (token === null || token.revokedAt !== null) return undefined;
  if (token.expiresAt !== null && token.expiresAt <= now) return undefined;
  const stale = new Date(now.getTime() - LAST_USED_EXACTNESS_MS);
  if (token.lastUsedAt !== null && token.lastUsedAt > stale) return token;
  await catalogue.accessToken.updateMany({
    where: { id: token.id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: stale } }] },
    data: { lastUsedAt: now },
  });
  return { ...token, lastUsedAt: now };
}

/**
 * Makes a token worthless for good and adds the event `token.revoked`; a second time changes nothing. To be called in a
 * transaction. Throws `OBJECT_NOT_FOUND`.
 */
export async function revokeToken(
  transaction: CatalogueTransaction,
  input: { readonly id: string; readonly actor: string },
  clock: Clock,
): Promise<TokenInfo> {
  const { id, actor } = input;
  const revoked = await transaction.accessToken.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: clock.now() },
  });
  const token = await transaction.accessToken.findUnique({ where: { id }, omit: { hash: true } });
  if (token === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'access token', id });
  if (revoked.count > 0) {
    await appendEvent(transaction, {
      type: 'token.revoked',
      summary: `The access token ${token.name} was revoked.`,
      actor,
      subject: { type: 'AccessToken', id },
    });
  }
  return token;
}

/**
 * On first start, when there has never been a token, makes one and returns it, to be shown this once; else `undefined`.
 * To be called in a transaction: of several instances that start at once exactly one gets it.
 */
export async function ensureAdminToken(transaction: CatalogueTransaction): Promise<NewToken | undefined> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_TOKEN_LOCK})`;
  if ((await transaction.accessToken.count()) > 0) return undefined;
  return createToken(transaction, { name: ADMIN_NAME, actor: 'system:start' });
}

const hashOf = (secret: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(secret).digest());
