/** Streams one file of a backup to whoever has a signed link to it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asStrongroomError, StrongroomError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Browse } from '../services/browse.ts';
import type { SignedLinks } from './download-links.ts';
import { serverLimits } from './limits.ts';
import { respondError, statusOf } from './respond.ts';

export interface DownloadDeps {
  readonly browse: Browse;
  readonly links: SignedLinks;
  readonly log: Logger;
}

/** Handles `GET` and `HEAD` of `/download/<signed>`. */
export type DownloadHandler = (request: IncomingMessage, response: ServerResponse, signed: string) => Promise<void>;

/** A header that every client reads the same: https://www.rfc-editor.org/rfc/rfc6266 and its `filename*`. */
export function contentDisposition(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1) || 'download';
  const plain = name.replaceAll(/[^\w. -]/gu, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/**
 * Makes the handler. What goes wrong before the first byte is answered with a status; after it the connection is
 * broken off, so that nobody takes a part for the whole.
 */
export function createDownloadHandler({ browse, links, log }: DownloadDeps): DownloadHandler {
  let underWay = 0;

  async function send(request: IncomingMessage, response: ServerResponse, signed: string): Promise<void> {
    const file = links.check(signed);
    if (file === undefined) throw new StrongroomError('DOWNLOAD_LINK_INVALID', {});
    const entry = await browse.stat(file.backupId, file.path);
    if (entry.kind !== 'file') throw new StrongroomError('DOWNLOAD_LINK_INVALID', {});
    const stop = new AbortController();
    response.once('close', () => stop.abort());
    response.setTimeout(serverLimits.downloadStall, () => response.destroy());
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-length', entry.size);
    response.setHeader('content-disposition', contentDisposition(file.path));
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const chunks = browse.read(file.backupId, file.path, stop.signal)[Symbol.asyncIterator]();
    try {
      const first = await chunks.next();
      await pipeline(Readable.from(rest(first, chunks), { objectMode: false }), response);
    } finally {
      // Here and not in `rest`, which never starts when the client has gone away already.
      await chunks.return?.();
    }
  }

  return async (request, response, signed) => {
    if (underWay >= serverLimits.downloads) {
      response.setHeader('retry-after', '5');
      respondError(response, 503, new StrongroomError('SERVER_BUSY', {}));
      return;
    }
    underWay += 1;
    try {
      await send(request, response, signed);
    } catch (thrown) {
      const error = asStrongroomError(thrown);
      if (!response.destroyed) log.warn('A download failed', { error });
      if (response.headersSent || response.destroyed) {
        response.destroy();
      } else {
        response.removeHeader('content-length');
        response.removeHeader('content-disposition');
        const masked = error.category === 'internal' ? new StrongroomError('SERVER_BUSY', {}) : error;
        respondError(response, statusOf(error), masked);
      }
    } finally {
      underWay -= 1;
    }
  };
}

async function* rest(
  first: IteratorResult<Uint8Array>,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  for (let next = first; next.done !== true; next = await chunks.next()) yield next.value;
}
