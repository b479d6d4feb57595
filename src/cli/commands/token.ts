/** `strongroom token …` */
import { StrongroomError } from '../../errors.ts';
import { notFound } from '../api/not-found.ts';
import { collectPages } from '../api/pages.ts';
import type { PageVariables } from '../api/pages.ts';
import { fallible, operation } from '../api/operation.ts';
import type { Page } from '../api/operation.ts';
import type { Named } from '../api/named.ts';
import type { MakeAction, StrongroomCommand } from '../command.ts';
import { days } from '../input/values.ts';
import { formatTime } from '../output/format.ts';
import { printable } from '../output/text.ts';
import type { Session } from '../session.ts';
import { confirmed, present, printList, subject, withLimit, withSubject } from './shared.ts';
import type { ListOptions } from './shared.ts';

interface Token extends Named {
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

const fields = 'id name createdAt expiresAt lastUsedAt revokedAt';

export const listTokens = operation<{ readonly page: Page<Token> }, PageVariables>(`
  query ListTokens($first: Int, $after: String) {
    page: tokens(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { ${fields} } }
    }
  }`);

export const createToken = fallible<
  { readonly created: { readonly token: Token; readonly secret: string } },
  { readonly input: object }
>(`
  mutation CreateToken($input: CreateTokenInput!) {
    created: createToken(input: $input) { ...Failure ... on CreatedToken { token { ${fields} } secret } }
  }`);

export const revokeToken = fallible<object, { readonly id: string }>(`
  mutation RevokeToken($id: ID!) { revokeToken(input: { id: $id }) { ...Failure } }`);

const DAY = 86_400_000;

async function create(session: Session, name: string, { expires }: { readonly expires?: number }): Promise<undefined> {
  const api = await session.api();
  const expiresAt = expires === undefined ? undefined : new Date(session.now().getTime() + expires * DAY).toISOString();
  const { created } = await api.run(createToken, { input: present({ name, expiresAt }) });
  session.output.result({ ...created.token, secret: created.secret }, () => [created.secret]);
  session.output.note('This is the token. It is shown only now.');
  return undefined;
}

async function list(session: Session, { limit }: ListOptions): Promise<undefined> {
  const listed = await collectPages(await session.api(), listTokens, {}, limit);
  const now = session.now();
  const columns = [
    { title: 'NAME', cell: ({ name }: Token) => printable(name) },
    { title: 'CREATED', cell: ({ createdAt }: Token) => formatTime(createdAt, now) },
    { title: 'USED', cell: ({ lastUsedAt }: Token) => formatTime(lastUsedAt, now) },
    { title: 'EXPIRES', cell: ({ expiresAt }: Token) => formatTime(expiresAt, now) },
    { title: 'REVOKED', cell: ({ revokedAt }: Token) => formatTime(revokedAt, now) },
    { title: 'ID', cell: ({ id }: Token) => id },
  ];
  printList(session, listed, columns, 'There are no tokens.');
  return undefined;
}

interface RevokeOptions {
  readonly id?: string;
  readonly yes?: boolean;
}

async function revoke(session: Session, argument: string | undefined, options: RevokeOptions): Promise<undefined> {
  const reference = subject(argument, options, 'token');
  const api = await session.api();
  const { nodes } = await collectPages(api, listTokens, {}, 10_000);
  const named = nodes.filter(({ name, revokedAt }) => name === reference && revokedAt === null);
  if (named.length > 1) {
    const ids = named.map(({ id }) => id).join(', ');
    throw new StrongroomError('NAME_AMBIGUOUS', { count: named.length, type: 'token', name: reference, ids });
  }
  const token = named[0] ?? nodes.find(({ id }) => id === reference);
  if (token === undefined) {
    const known = nodes.filter(({ revokedAt }) => revokedAt === null).map(({ name }) => name);
    throw notFound('token', reference, known);
  }
  if (!(await confirmed(session, options, `Revoke the token ${token.name}? Whoever uses it is locked out.`)))
    return undefined;
  await api.run(revokeToken, { id: token.id });
  session.output.result({ id: token.id }, () => [`Revoked ${printable(token.name)}.`]);
  return undefined;
}

export function addTokenCommands(program: StrongroomCommand, action: MakeAction): void {
  const group = program
    .command('token')
    .description('Manage access tokens.')
    .example('strongroom token create laptop --expires 90d', 'Make a token for a machine');
  group
    .command('create')
    .description('Makes an access token and prints it, once.')
    .argument('<name>', 'who or what it is for')
    .option('--expires <time>', 'how long it holds: 90d, 1y; for ever otherwise', days)
    .example('strongroom token create laptop > ~/.strongroom-token', 'Keep it in a file for --token-file')
    .action(action(create));
  withLimit(group.command('list').description('Lists access tokens, without their secrets.'))
    .example('strongroom token list', 'See who has access')
    .action(action(list));
  withSubject(group.command('revoke').description('Revokes an access token at once.'), 'token')
    .option('-y, --yes', 'do not ask')
    .example('strongroom token revoke laptop --yes', 'Lock a lost machine out')
    .action(action(revoke));
}
