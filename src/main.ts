#!/usr/bin/env node
/** The composition root: `strongroom serve`, `strongroom worker`, and the command line for everything else. */
import packageJson from '../package.json' with { type: 'json' };
import { runCommandLine } from './cli/index.ts';
import { systemClock } from './clock.ts';
import { collectGarbageSoon } from './collect-garbage.ts';
import { type Config, loadConfig, readEnvironment } from './config.ts';
import { asStrongroomError } from './errors.ts';
import type { Surroundings } from './server/assemble.ts';
import { onSignals, untilStopped } from './server/signals.ts';

const { version } = packageJson;
const environment = readEnvironment();

/**
 * What the parts stand in. Parts are loaded only where a service is started: most commands speak to one that runs already.
 * The log goes to standard error, readable on a terminal and as JSON elsewhere.
 */
async function surroundings(config: Config, quiet = false): Promise<Surroundings> {
  const [{ createEngine }, { createLogger }] = await Promise.all([import('./engine/host.ts'), import('./log.ts')]);
  const log = createLogger({
    level: quiet && config.logLevel === 'info' ? 'warn' : config.logLevel,
    format: process.stderr.isTTY ? 'text' : 'json',
    write: (line) => void process.stderr.write(`${line}\n`),
    clock: systemClock,
  });
  return { createEngine, clock: systemClock, version, log };
}

/** Says what went wrong, without a stack: what a user can do something about has a code. */
function explain(thrown: unknown): number {
  const error = asStrongroomError(thrown);
  process.stderr.write(`strongroom: ${error.message}\n${error.help}\n`);
  return 1;
}

/** Runs until it is told to stop; 0 when it stopped well. */
async function runUntilStopped(
  start: (config: Config, around: Surroundings) => Promise<AsyncDisposable>,
): Promise<number> {
  try {
    using stop = untilStopped();
    const config = loadConfig(environment);
    const around = await surroundings(config);
    await using _running = await start(config, around);
    // Starting takes much that is never needed again.
    collectGarbageSoon();
    await stop.asked;
    around.log.info('Stopping: requests and runs under way are ended in an orderly way');
    return 0;
  } catch (error) {
    return explain(error);
  }
}

async function startService(config: Config, around: Surroundings): Promise<AsyncDisposable> {
  const [{ assemble }, { serve }, { greeting }] = await Promise.all([
    import('./server/assemble.ts'),
    import('./server/serve.ts'),
    import('./server/greeting.ts'),
  ]);
  await using parts = new AsyncDisposableStack();
  const assembly = parts.use(await assemble(config, around, 'start'));
  const { url, adminToken } = parts.use(await serve(assembly));
  process.stdout.write(greeting({ config, version, url, adminToken }));
  return parts.move();
}

async function startWorker(config: Config, around: Surroundings): Promise<AsyncDisposable> {
  const { assemble, startAssembledWorker } = await import('./server/assemble.ts');
  await using parts = new AsyncDisposableStack();
  const assembly = parts.use(await assemble(config, around, 'find'));
  parts.use(await startAssembledWorker(assembly));
  process.stdout.write(`Strongroom ${version}: this worker is ready.\n`);
  return parts.move();
}

/** The command line needs little of the configuration, and says so itself when the rest is wrong. */
async function main(): Promise<number> {
  const config = loadConfig(environment);
  const { url, urlGiven, token } = config.client;
  return runCommandLine(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    environment: {
      ...(urlGiven && { url }),
      ...(token !== undefined && { token }),
      defaultUrl: `http://${config.host}:${config.port}`,
      colour: process.stdout.isTTY && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb',
      variable: (name) => environment[name],
    },
    version,
    clock: systemClock,
    openLocal: async () => {
      const { openLocalService } = await import('./server/local.ts');
      return openLocalService(config, await surroundings(config, true));
    },
    serve: () => runUntilStopped(startService),
    worker: () => runUntilStopped(startWorker),
    onInterrupt: onSignals,
  });
}

/** Resolves when everything written so far is out, or can't get out any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.write('', () => resolve());
  return promise;
}

const exitCode = await main().catch(explain);
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// Everything is disposed; a timer of the schema engine in WebAssembly would hold the process for ten more seconds.
process.exit(exitCode);
