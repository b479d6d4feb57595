/** HTTP requests by Node's own client: `fetch` takes 40 ms to load, which a short command would spend on nothing else. */
import { Agent, type IncomingMessage, request as requestPlain } from 'node:http';
import type { Agent as SecureAgent } from 'node:https';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal | undefined;
}

export interface HttpClient extends Disposable {
  /**
   * Sends a request and resolves with the response once its head is there, whatever its status; no redirect is followed. Rejects with what the
   * connection met. Whoever leaves the response unread destroys it. Aborting `signal` ends both.
   */
  send(target: URL, request: HttpRequest): Promise<IncomingMessage>;
}

/** Makes a client that keeps its connections for further requests until it is disposed of. */
export function createHttpClient(): HttpClient {
  const plain = new Agent({ keepAlive: true });
  let secure: SecureAgent | undefined;

  /** What makes a request of the target's protocol, with the connections for it. */
  async function opener({ protocol }: URL): Promise<{ request: typeof requestPlain; agent: Agent }> {
    if (protocol !== 'https:') return { request: requestPlain, agent: plain };
    const https = await import('node:https');
    secure ??= new https.Agent({ keepAlive: true });
    return { request: https.request, agent: secure };
  }

  return {
    async send(target, { method, headers, body, signal }) {
      const { request: make, agent } = await opener(target);
      const request = make(target, { method, headers, agent, ...(signal && { signal }) });
      const response = Promise.withResolvers<IncomingMessage>();
      request.once('response', response.resolve);
      // Also later errors, which the response tells of too.
      request.on('error', response.reject);
      request.end(body);
      return response.promise;
    },
    [Symbol.dispose]() {
      plain.destroy();
      secure?.destroy();
    },
  };
}
