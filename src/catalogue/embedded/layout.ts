/** Where the embedded server keeps what, below the data directory. */
import { join } from 'node:path';

export interface EmbeddedLayout {
  /** The data directory itself. */
  readonly data: string;
  /** Everything below belongs to the embedded server. */
  readonly home: string;
  /** PostgreSQL's own data directory. */
  readonly cluster: string;
  /** The superuser's password; 0600. */
  readonly password: string;
  /** The port it listens at, kept from start to start. */
  readonly port: string;
  /** What the server says. */
  readonly log: string;
  /** Held locked by the service that runs the server. */
  readonly lock: string;
  /** The number of that service's process, for people. */
  readonly process: string;
}

/** Name of the superuser and of the database. */
export const EMBEDDED_NAME = 'strongroom';
export const EMBEDDED_HOST = '127.0.0.1';

export function embeddedLayout(dataDirectory: string): EmbeddedLayout {
  const home = join(dataDirectory, 'catalogue');
  return {
    data: dataDirectory,
    home,
    cluster: join(home, 'cluster'),
    password: join(home, 'password'),
    port: join(home, 'port'),
    log: join(home, 'server.log'),
    lock: join(home, 'service.lock'),
    process: join(home, 'service.pid'),
  };
}

/** The address of a database of the server, with its password. */
export const embeddedUrl = (port: number, password: string, database: string = EMBEDDED_NAME): string =>
  `postgresql://${EMBEDDED_NAME}:${encodeURIComponent(password)}@${EMBEDDED_HOST}:${port}/${database}`;
