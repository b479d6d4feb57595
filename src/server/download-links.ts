/**
 * Signed links to one file of a backup: `/download/<payload>.<signature>`, the payload being the base64url of
 * `{"b": backup id, "p": path as text, "e": expiry in milliseconds since 1970}`, the signature its HMAC-SHA-256.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { DownloadLinks } from '../graphql/context.ts';
import { serverLimits } from './limits.ts';

/** The file that a link leads to. */
export interface LinkedFile {
  readonly backupId: string;
  readonly path: string;
}

export interface SignedLinks extends DownloadLinks {
  /** The file of a link's last part; undefined when it was not signed here or has expired. */
  check(signed: string): LinkedFile | undefined;
}

const payloadSchema = z.strictObject({ b: z.uuid(), p: z.string(), e: z.number().int() });

/** `key` has 32 bytes; `baseUrl` is where users reach the service, without a slash at the end. */
export function createDownloadLinks(key: Uint8Array, baseUrl: () => string, clock: Clock): SignedLinks {
  const sign = (payload: string): Buffer => createHmac('sha256', key).update(`download ${payload}`).digest();
  return {
    create({ backupId, path }) {
      const expiresAt = new Date(clock.now().getTime() + serverLimits.downloadLink);
      const content = JSON.stringify({ b: backupId, p: path, e: expiresAt.getTime() });
      const payload = Buffer.from(content, 'utf8').toString('base64url');
      return { url: `${baseUrl()}/download/${payload}.${sign(payload).toString('base64url')}`, expiresAt };
    },
    check(signed) {
      const [payload = '', signature = '', ...more] = signed.split('.');
      const given = Buffer.from(signature, 'base64url');
      const right = sign(payload);
      if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      const parsed = payloadSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
      if (!parsed.success || parsed.data.e <= clock.now().getTime()) return undefined;
      return { backupId: parsed.data.b, path: parsed.data.p };
    },
  };
}
