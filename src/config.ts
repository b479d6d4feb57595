/**
 * The only reader of the environment: every variable parsed, every mistake reported at once. By hand: every command reads it, and a library
 * for schemas takes longer to load than all the rest of most commands.
 */
import { availableParallelism, homedir, hostname } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
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

/** What is wrong with the value of a variable; never repeats the value, which may be secret. */
class Mistake extends Error {}

type Parse<T> = (text: string) => T;

/** An address of one of the schemes, each with its colon. */
const address =
  (schemes: readonly string[], expected: string): Parse<string> =>
  (text) => {
    const trimmed = text.trim();
    if (!/^\w+:\/\//.test(trimmed) || !URL.canParse(trimmed) || !schemes.includes(new URL(trimmed).protocol)) {
      throw new Mistake(`must be ${expected} address`);
    }
    return trimmed;
  };
const anyWebAddress = address(['http:', 'https:'], 'an http:// or https://');
const webAddress: Parse<string> = (text) => anyWebAddress(text).replace(/\/+$/, '');

const wholeNumber =
  (min: number, max: number): Parse<number> =>
  (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new Mistake(`must be a whole number from ${min} to ${max}`);
    return value;
  };

const list =
  (separator: string): Parse<readonly string[]> =>
  (text) =>
    text
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== '');

const oneOf =
  <T extends string>(values: readonly T[], expected: string): Parse<T> =>
  (text) => {
    const found = values.find((value) => value === text);
    if (found === undefined) throw new Mistake(`must be ${expected}`);
    return found;
  };

const matching =
  (pattern: RegExp, expected: string): Parse<string> =>
  (text) => {
    if (!pattern.test(text)) throw new Mistake(`must be ${expected}`);
    return text;
  };

const workerName = matching(/^[^\p{Cc}]{1,100}$/u, 'a name of 1 to 100 characters in one line');

const secretKey = matching(/^[0-9a-f]{64}$/i, '64 hexadecimal digits, for instance from "openssl rand -hex 32"');

const roots: Parse<readonly string[]> = (text) => {
  const paths = list(delimiter)(text);
  if (!paths.every((path) => isAbsolute(path))) throw new Mistake('must be absolute paths');
  return paths.map((path) => resolve(path));
};

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
  const reasons: string[] = [];
  const read = <T>(name: string, parse: Parse<T>): T | undefined => {
    const text = environment[name] ?? '';
    try {
      return text === '' ? undefined : parse(text);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      reasons.push(`${name} ${error.message}`);
      return undefined;
    }
  };
  const config = configOf(read, machine);
  if (reasons.length > 0) throw new StrongroomError('CONFIGURATION_INVALID', { reason: `${reasons.join('; ')}.` });
  return config;
}

type Read = <T>(name: string, parse: Parse<T>) => T | undefined;

function configOf(read: Read, machine: Machine): Config {
  const url = read('STRONGROOM_URL', webAddress);
  const hex = read('STRONGROOM_SECRET_KEY', secretKey);
  return {
    dataDirectory: read('STRONGROOM_DATA_DIR', resolve) ?? defaultDataDirectory(machine, read('XDG_DATA_HOME', String)),
    databaseUrl: read('DATABASE_URL', address(['postgres:', 'postgresql:'], 'a postgresql://')),
    host: read('STRONGROOM_HOST', matching(/^[\w.:%-]+$/, 'a host name or an address')) ?? '127.0.0.1',
    port: read('STRONGROOM_PORT', wholeNumber(0, 65_535)) ?? 7878,
    secretKey: hex === undefined ? undefined : new Uint8Array(Buffer.from(hex, 'hex')),
    roots: read('STRONGROOM_ROOTS', roots) ?? [machine.home],
    plugins: read('STRONGROOM_PLUGINS', list(',')) ?? [],
    lanes: read('STRONGROOM_LANES', wholeNumber(1, 256)) ?? machine.cores,
    logLevel: read('STRONGROOM_LOG', oneOf(['debug', 'info', 'warn', 'error'], 'debug, info, warn or error')) ?? 'info',
    workerName: read('STRONGROOM_WORKER_NAME', (text) => workerName(text.trim())) ?? machine.hostName,
    worksJobs: read('STRONGROOM_WORKER', oneOf(['on', 'off'], 'on or off')) !== 'off',
    publicUrl: read('STRONGROOM_PUBLIC_URL', webAddress),
    client: {
      url: url ?? 'http://127.0.0.1:7878',
      urlGiven: url !== undefined,
      token: read('STRONGROOM_TOKEN', (text) => text.trim()),
    },
  };
}

/** XDG's base directories count only when absolute. */
function defaultDataDirectory({ home, isRoot }: Machine, dataHome: string | undefined): string {
  if (isRoot) return '/var/lib/strongroom';
  const base = dataHome !== undefined && isAbsolute(dataHome) ? dataHome : join(home, '.local', 'share');
  return join(base, 'strongroom');
}
