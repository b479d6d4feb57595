/** The only reader of the environment: every variable parsed, every mistake reported at once. */
import { availableParallelism, homedir, hostname } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { StrongroomError } from './errors.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Config {
  /** STRONGROOM_DATA_DIR, absolute. Holds the instance key and, without a database URL, the catalogue. */
  readonly dataDirectory: string;
  /** DATABASE_URL; the embedded server when absent. Holds a password: never to be logged. */
  readonly databaseUrl: string | undefined;
  /** STRONGROOM_HOST: the address to listen at. */
  readonly host: string;
  /** STRONGROOM_PORT; 0 takes any free one. */
  readonly port: number;
  /** STRONGROOM_SECRET_KEY, 32 bytes; the file `instance.key` of the data directory when absent. */
  readonly secretKey: Uint8Array | undefined;
  /** STRONGROOM_ROOTS: where file sources may read and restores may write; absolute. */
  readonly roots: readonly string[];
  /** STRONGROOM_PLUGINS: npm packages or files. */
  readonly plugins: readonly string[];
  /** STRONGROOM_LANES: how many threads the engine may use. */
  readonly lanes: number;
  /** STRONGROOM_LOG. */
  readonly logLevel: LogLevel;
  /** STRONGROOM_WORKER: whether `serve` also works jobs. */
  readonly worksJobs: boolean;
  /** STRONGROOM_WORKER_NAME: what this process is called among the workers. */
  readonly workerName: string;
  /** STRONGROOM_PUBLIC_URL: where users reach the service, without a slash at the end. */
  readonly publicUrl: string | undefined;
  /** For the command line: which service to talk to, and as whom. */
  readonly client: {
    /** STRONGROOM_URL, without a slash at the end. */
    readonly url: string;
    /** Whether STRONGROOM_URL was given, or is the default. */
    readonly urlGiven: boolean;
    /** STRONGROOM_TOKEN. */
    readonly token: string | undefined;
  };
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What defaults are taken from. */
export interface Machine {
  readonly home: string;
  readonly isRoot: boolean;
  readonly cores: number;
  readonly hostName: string;
}

const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .transform((url) => url.replace(/\/+$/, ''));
const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `must be a whole number from ${min} to ${max}`, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `must be a whole number from ${min} to ${max}` });
const list = (separator: string) =>
  z.string().transform((text) =>
    text
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const variables = z.object({
  STRONGROOM_DATA_DIR: z
    .string()
    .transform((path) => resolve(path))
    .optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' }).optional(),
  STRONGROOM_HOST: z
    .string()
    .regex(/^[\w.:%-]+$/, { error: 'must be a host name or an address' })
    .default('127.0.0.1'),
  STRONGROOM_PORT: wholeNumber(0, 65_535).default(7878),
  STRONGROOM_SECRET_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, { error: 'must be 64 hexadecimal digits, for instance from "openssl rand -hex 32"' })
    .transform((hex) => new Uint8Array(Buffer.from(hex, 'hex')))
    .optional(),
  STRONGROOM_ROOTS: list(delimiter)
    .refine((roots) => roots.every((root) => isAbsolute(root)), { error: 'must be absolute paths' })
    .transform((roots) => roots.map((root) => resolve(root)))
    .optional(),
  STRONGROOM_PLUGINS: list(',').default([]),
  STRONGROOM_LANES: wholeNumber(1, 256).optional(),
  STRONGROOM_LOG: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default('info'),
  STRONGROOM_WORKER: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  STRONGROOM_WORKER_NAME: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}]{1,100}$/u, { error: 'must be a name of 1 to 100 characters in one line' })
    .optional(),
  STRONGROOM_PUBLIC_URL: webAddress.optional(),
  STRONGROOM_URL: webAddress.optional(),
  STRONGROOM_TOKEN: z.string().trim().optional(),
  XDG_DATA_HOME: z.string().optional(),
});

/** The process's environment. Nothing else reads it. */
export const readEnvironment = (): Environment => process.env;

const thisMachine = (): Machine => ({
  home: homedir(),
  isRoot: process.getuid?.() === 0,
  cores: availableParallelism(),
  hostName: hostname(),
});

/**
 * The configuration that `environment` describes. An empty variable counts as absent. Throws one
 * `CONFIGURATION_INVALID` that names every variable that is wrong and why, without its value.
 */
export function loadConfig(environment: Environment, machine: Machine = thisMachine()): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new StrongroomError('CONFIGURATION_INVALID', { reason: `${[...new Set(reasons)].join('; ')}.` });
  }
  const values = parsed.data;
  return {
    dataDirectory: values.STRONGROOM_DATA_DIR ?? defaultDataDirectory(machine, values.XDG_DATA_HOME),
    databaseUrl: values.DATABASE_URL,
    host: values.STRONGROOM_HOST,
    port: values.STRONGROOM_PORT,
    secretKey: values.STRONGROOM_SECRET_KEY,
    roots: values.STRONGROOM_ROOTS ?? [machine.home],
    plugins: values.STRONGROOM_PLUGINS,
    lanes: values.STRONGROOM_LANES ?? machine.cores,
    logLevel: values.STRONGROOM_LOG,
    worksJobs: values.STRONGROOM_WORKER === 'on',
    workerName: values.STRONGROOM_WORKER_NAME ?? machine.hostName,
    publicUrl: values.STRONGROOM_PUBLIC_URL,
    client: {
      url: values.STRONGROOM_URL ?? 'http://127.0.0.1:7878',
      urlGiven: values.STRONGROOM_URL !== undefined,
      token: values.STRONGROOM_TOKEN,
    },
  };
}

/** XDG's base directories count only when absolute. */
function defaultDataDirectory({ home, isRoot }: Machine, dataHome: string | undefined): string {
  if (isRoot) return '/var/lib/strongroom';
  const base = dataHome !== undefined && isAbsolute(dataHome) ? dataHome : join(home, '.local', 'share');
  return join(base, 'strongroom');
}
