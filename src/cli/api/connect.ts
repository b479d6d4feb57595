/** Chooses the Strongroom to speak to: the server named, else the one of this machine, else one in this process. */
import type { GraphQLTransport } from '../transport.ts';
import { hasCode } from './api-error.ts';
import type { ApiPlace } from './client.ts';
import { createHttpTransport } from './http-transport.ts';

export interface ConnectOptions {
  /** The address that the user gave. */
  readonly url?: string;
  readonly token?: string;
  readonly defaultUrl: string;
  openLocal(): Promise<GraphQLTransport>;
  /** Tells the user what was chosen, where that is not what they asked for. */
  note(text: string): void;
}

/** Whether anything at all listens at that address; only "nothing does" counts as no. */
async function listens(transport: GraphQLTransport): Promise<boolean> {
  try {
    await transport.execute({ query: '{ __typename }' });
    return true;
  } catch (error) {
    return !hasCode(error, 'SERVER_UNREACHABLE');
  }
}

/** Opens the way to a Strongroom; the caller disposes its transport. */
export async function connect({ url, token, defaultUrl, openLocal, note }: ConnectOptions): Promise<ApiPlace> {
  const over = (address: string): GraphQLTransport =>
    createHttpTransport({ url: address, ...(token !== undefined && { token }) });
  if (url !== undefined) return { transport: over(url), local: false, url };
  const transport = over(defaultUrl);
  if (await listens(transport)) return { transport, local: false, url: defaultUrl };
  note(`No server listens at ${defaultUrl}: working in this process.`);
  return { transport: await openLocal(), local: true, url: 'this process' };
}
