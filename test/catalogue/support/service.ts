/** Runs the embedded server as a service would, in a process that tests may end in any way. Prints one JSON value a line. */
import pg from 'pg';
import { startEmbeddedServer } from '../../../src/catalogue/embedded-server.ts';

const say = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};

const server = await startEmbeddedServer({ dataDirectory: process.argv[2] ?? '', log: () => undefined });
const interrupted = new Promise<void>((resolve) => {
  process.once('SIGINT', () => resolve());
});
const alive = setInterval(() => undefined, 1_000);
say({ url: server.url });
if (process.argv[3] === 'crash') throw new Error('A crash, as the test asks for.');
await interrupted;
const client = new pg.Client({ connectionString: server.url });
await client.connect();
await client.query('SELECT 1');
await client.end();
say({ answeredAfterInterrupt: true });
await server[Symbol.asyncDispose]();
clearInterval(alive);
