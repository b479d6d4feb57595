/** What a service says when it has started. */
import type { Config } from '../config.ts';

export interface GreetingFacts {
  readonly config: Config;
  readonly version: string;
  /** Where it listens. */
  readonly url: string;
  /** The first token, if it was made just now. */
  readonly adminToken: string | undefined;
}

/** The words, with a line end. Holds the first token where one was made: for a terminal, not for a log. */
export function greeting({ config, version, url, adminToken }: GreetingFacts): string {
  const address = config.publicUrl ?? url;
  const lines = [
    `Strongroom ${version} is ready.`,
    '',
    `  API and GraphiQL  ${address}/graphql`,
    `  Data directory    ${config.dataDirectory}`,
    `  Catalogue         ${config.databaseUrl === undefined ? 'embedded PostgreSQL in the data directory' : 'the PostgreSQL of DATABASE_URL'}`,
    `  Allowed roots     ${config.roots.join(', ') || 'none: file sources and restores are refused'}`,
    `  Jobs              ${config.worksJobs ? 'worked by this process' : 'left to separate workers'}`,
    '',
    ...(adminToken === undefined
      ? ['Sign in with an access token: "Authorization: Bearer <token>".']
      : tokenBox(adminToken)),
    'Stop it with Ctrl-C.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function tokenBox(token: string): string[] {
  const inside = [
    'The access token of the administrator, shown only this once:',
    '',
    `  ${token}`,
    '',
    'Send it as "Authorization: Bearer <token>"; on the command line: ',
    `  export STRONGROOM_TOKEN=${token}`,
  ];
  const width = Math.max(...inside.map((line) => line.length));
  const edge = '─'.repeat(width + 2);
  return [`┌${edge}┐`, ...inside.map((line) => `│ ${line.padEnd(width)} │`), `└${edge}┘`, ''];
}
