/** Access tokens: what people and programs sign in with. */
import { createToken, revokeToken } from '../catalogue/tokens.ts';
import { StrongroomError } from '../errors.ts';
import { actorName } from '../services/index.ts';
import { builder } from './builder.ts';
import { actorOf } from './common.ts';
import { attempt } from './failures.ts';
import { localId } from './ids.ts';
import { pageCost, readPage } from './paging.ts';

const longestName = 100;

const AccessTokenType = builder.prismaNode('AccessToken', {
  description: 'What a person or a program signs in with. The token itself is stored nowhere, only its hash.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'What it is for, for people; shows as `token:<name>` wherever it was used.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, exact to the minute; null when never.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops working; null when never.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was made worthless; null unless it was.',
    }),
  }),
});

const CreatedTokenType = builder.objectRef<{ readonly id: string; readonly secret: string }>('CreatedToken').implement({
  description: 'A token that was just made.',
  fields: (t) => ({
    token: t.prismaField({
      type: AccessTokenType,
      description: 'Facts about it.',
      resolve: (query, { id }, _args, { prisma }) => prisma.accessToken.findUniqueOrThrow({ ...query, where: { id } }),
    }),
    secret: t.exposeString('secret', { description: 'The token itself, for the only time: keep it safe now.' }),
  }),
});

const CreateTokenInput = builder.inputType('CreateTokenInput', {
  description: 'A token to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: `What it is for, 1 to ${longestName} characters.` }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it shall stop working; never when absent.' }),
  }),
});

const RevokeTokenInput = builder.inputType('RevokeTokenInput', {
  description: 'A token to make worthless.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the token.' }),
  }),
});

const AccessTokenConnection = builder.connectionObject({
  type: AccessTokenType,
  name: 'AccessTokenConnection',
  description: 'A page of tokens.',
});

builder.queryFields((t) => ({
  viewer: t.prismaField({
    type: AccessTokenType,
    nullable: true,
    description: 'The token of this request; null for work inside the service itself, which needs none.',
    resolve: (query, _root, _args, { prisma, viewer }) =>
      viewer?.tokenId === undefined ? null : prisma.accessToken.findUnique({ ...query, where: { id: viewer.tokenId } }),
  }),
  tokens: t.prismaConnection(
    {
      type: AccessTokenType,
      cursor: 'id',
      description: 'All tokens, newest first, revoked and expired ones included.',
      complexity: pageCost,
      totalCount: (_root, _args, { prisma }) => prisma.accessToken.count(),
      resolve: (query, _root, args, { prisma }) => {
        return readPage(
          args,
          query,
          () => prisma.accessToken.findMany({ ...query, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] }),
          (id) => prisma.accessToken.findUnique({ where: { id }, select: { id: true } }),
        );
      },
    },
    AccessTokenConnection,
  ),
}));

builder.mutationFields((t) => ({
  createToken: t.field({
    type: CreatedTokenType,
    description: 'Makes a token with all rights. Its secret is answered this once.',
    errors: {},
    args: { input: t.arg({ type: CreateTokenInput, required: true, description: 'What to make.' }) },
    resolve: (_root, { input }, context) =>
      attempt(async () => {
        const { prisma, clock } = context;
        const name = input.name.trim();
        const wrong = (field: string, reason: string) => new StrongroomError('INPUT_INVALID', { field, reason });
        if (name.length === 0) throw wrong('name', 'a token needs a name.');
        if (name.length > longestName) throw wrong('name', `a name has at most ${longestName} characters.`);
        const expiresAt = input.expiresAt ?? undefined;
        if (expiresAt !== undefined && expiresAt <= clock.now()) throw wrong('expiresAt', 'this moment is over.');
        const actor = actorName(actorOf(context));
        const { token, secret } = await prisma.$transaction((transaction) =>
          createToken(transaction, { name, expiresAt, actor }),
        );
        return { id: token.id, secret };
      }),
  }),
  revokeToken: t.prismaField({
    type: AccessTokenType,
    description: 'Makes a token worthless at once and for good, also the one of this request.',
    errors: {},
    args: { input: t.arg({ type: RevokeTokenInput, required: true, description: 'What to revoke.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { prisma, clock } = context;
        const actor = actorName(actorOf(context));
        const id = localId(input.id, 'AccessToken', 'id');
        await prisma.$transaction((transaction) => revokeToken(transaction, { id, actor }, clock));
        return prisma.accessToken.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
}));
