/** Who sent a request. */
import type { CatalogueTransaction } from '../catalogue/client.ts';
import { authenticate } from '../catalogue/tokens.ts';
import type { Clock } from '../clock.ts';
import type { Viewer } from '../graphql/context.ts';

/** Finds whose token an `Authorization` header holds; undefined when there is none or it is not valid. */
export type Authenticator = (authorization: unknown) => Promise<Viewer | undefined>;

/** Makes an authenticator; the scheme is `Bearer`. Rejects when the catalogue can't be reached. */
export const createAuthenticator =
  (catalogue: CatalogueTransaction, clock: Clock): Authenticator =>
  async (authorization) => {
    if (typeof authorization !== 'string') return undefined;
    const secret = /^Bearer +(\S{1,200})$/iu.exec(authorization.trim())?.[1];
    if (secret === undefined) return undefined;
    const token = await authenticate(catalogue, secret, clock);
    return token && { tokenId: token.id, actor: { kind: 'token', name: token.name } };
  };
