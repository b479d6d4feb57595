/** The page for people at `/graphql`: GraphiQL, whole in one document, which loads nothing from anywhere. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { exampleHeaders, exampleTabs } from './graphiql-examples.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

interface Page {
  /** The page, compressed: whole it has 9 MB. */
  readonly body: Buffer;
  readonly policy: string;
}

/** Answers with the page. */
export type GraphiQLHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Whether a browser asks for a page. */
export const wantsPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('text/html') && headers['authorization'] === undefined;

/** Makes the handler; the page is made at the first request for it. */
export function createGraphiQL(): GraphiQLHandler {
  let page: Promise<Page> | undefined;
  return async (request, response) => {
    page ??= makePage();
    const { body, policy } = await page;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', policy);
    response.setHeader('vary', 'accept, accept-encoding');
    if (/\bgzip\b/u.test(request.headers['accept-encoding'] ?? '')) {
      response.setHeader('content-encoding', 'gzip');
      response.end(body);
    } else {
      response.end(await decompress(body));
    }
  };
}

async function makePage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'Strongroom',
    endpoint: '/graphql',
    defaultTabs: exampleTabs,
    headers: exampleHeaders,
    defaultHeaders: exampleHeaders,
    defaultEditorToolsVisibility: 'headers',
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    subscriptionsProtocol: 'SSE',
    schemaDescription: true,
    inputValueDeprecation: true,
    method: 'POST',
  }).trimStart();
  return { body: await compress(html), policy: policyFor(html) };
}

/**
 * Lets the page run the script that came with it and reach this service, and nothing else. The editor writes its styles
 * itself and starts its workers from blobs.
 */
function policyFor(html: string): string {
  const script = createHash('sha256').update(inlineScript(html)).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${script}'`,
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    'img-src data: blob:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The page's one script, as the browser hashes it. */
export function inlineScript(html: string): string {
  const start = html.indexOf('<script>') + '<script>'.length;
  return html.slice(start, html.lastIndexOf('</script>'));
}
