import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInvalid, prepare, run } from '../../src/graphql/execute.ts';
import { globalId } from '../../src/graphql/ids.ts';
import { schema } from '../../src/graphql/schema.ts';
import { surroundingsOf } from '../../src/server/graphql-context.ts';
import { startTestService, type TestService } from '../server/support/service.ts';
import { type Ground, makeGround } from '../server/support/workload.ts';

let service: TestService;
let ground: Ground;
let other: Ground;
const local = (id: string): string => Buffer.from(id, 'base64url').toString().split(':')[1] ?? '';

beforeAll(async () => {
  service = await startTestService();
  ground = await makeGround(service, 'first');
  other = await makeGround(service, 'other');
  const row = (index: number, of: Ground) => ({
    workloadId: local(of.workloadId),
    repositoryId: local(of.repositoryId),
    name: `backup ${String(index).padStart(2, '0')}`,
    type: index % 2 === 0 ? ('FULL' as const) : ('FILES' as const),
    status: index % 3 === 0 ? ('FAILED' as const) : ('SUCCEEDED' as const),
    compression: 'zstd',
    encryption: 'none',
    initiatedBy: 'test',
    notes: index === 4 ? '100% of the CASE' : '',
    labels:
      index < 3
        ? [
            { key: 'tier', value: 'gold' },
            { key: 'n', value: String(index) },
          ]
        : [],
    pinned: index === 5,
    createdAt: new Date(Date.UTC(2026, 0, 1 + index)),
    completedAt: index % 3 === 0 ? null : new Date(Date.UTC(2026, 1, 20 - index)),
    storedBytes: index % 4 === 0 ? null : BigInt(index) * 3_000_000_000n,
  });
  const { prisma } = service.assembly.catalogue;
  await prisma.backup.createMany({ data: Array.from({ length: 12 }, (_, index) => row(index, ground)) });
  await prisma.backup.create({ data: row(50, other) });
});
afterAll(() => service?.[Symbol.asyncDispose]());

interface Page {
  readonly totalCount: number;
  readonly nodes: { readonly name: string; readonly storedBytes: string | null }[];
  readonly edges: { readonly cursor: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string;
    readonly endCursor: string;
  };
}
const list = (variables: Record<string, unknown>): Promise<Page> =>
  service.ask<Page>(
    'backups',
    `query($first: Int, $last: Int, $after: String, $before: String, $filter: BackupFilter, $orderBy: BackupOrder) {
      backups(first: $first, last: $last, after: $after, before: $before, filter: $filter, orderBy: $orderBy) {
        totalCount nodes { name storedBytes } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`,
    variables,
  );
const names = (page: Page): string[] => page.nodes.map(({ name }) => name);

async function walk(variables: Record<string, unknown>): Promise<string[]> {
  const seen: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await list({ ...variables, first: 5, ...(after !== undefined && { after }) });
    seen.push(...names(page));
    if (!page.pageInfo.hasNextPage) return seen;
    after = page.pageInfo.endCursor;
  }
}

describe('orders', () => {
  const fields = ['CREATED_AT', 'STARTED_AT', 'COMPLETED_AT', 'LOGICAL_BYTES', 'STORED_BYTES', 'NAME'];
  test.each(
    fields.flatMap(
      (field) =>
        [
          [field, 'ASC'],
          [field, 'DESC'],
        ] as const,
    ),
  )('paging by %s %s gives every backup once, in the order of one big page', async (field, direction) => {
    const orderBy = { field, direction };
    const whole = names(await list({ first: 100, orderBy }));
    expect(whole).toHaveLength(13);
    expect(await walk({ orderBy })).toEqual(whole);
  });
  test('newest first unless told otherwise; those without a value last', async () => {
    expect(names(await list({ first: 2 }))).toEqual(['backup 50', 'backup 11']);
    for (const direction of ['ASC', 'DESC']) {
      const { nodes } = await list({ orderBy: { field: 'STORED_BYTES', direction } });
      const sizes = nodes.map(({ storedBytes }) => storedBytes);
      expect(sizes.slice(-3)).toEqual([null, null, null]);
    }
    const { nodes } = await list({ first: 1, orderBy: { field: 'STORED_BYTES', direction: 'DESC' } });
    expect(nodes[0]?.storedBytes).toBe('150000000000');
  });
  test('backwards', async () => {
    const whole = names(await list({}));
    const end = await list({ last: 4 });
    expect(names(end)).toEqual(whole.slice(-4));
    expect(end.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    const before = await list({ last: 4, before: end.pageInfo.startCursor });
    expect(names(before)).toEqual(whole.slice(-8, -4));
  });
});

describe('filters', () => {
  test.each([
    ['status', { status: ['FAILED'] }, 4],
    ['type', { type: ['FILES'] }, 6],
    ['several', { type: ['FULL'], status: ['SUCCEEDED'] }, 5],
    ['one label', { labels: [{ key: 'tier', value: 'gold' }] }, 3],
    [
      'two labels',
      {
        labels: [
          { key: 'tier', value: 'gold' },
          { key: 'n', value: '1' },
        ],
      },
      1,
    ],
    ['text in the name', { text: 'BACKUP 1' }, 2],
    ['text in the notes', { text: '100% of the case' }, 1],
    ['text with a wildcard', { text: '%' }, 1],
    ['pinned', { pinned: true }, 1],
    ['created', { created: { from: '2026-01-03T00:00:00Z', to: '2026-01-05T00:00:00Z' } }, 2],
  ] as const)('%s', async (_name, filter, count) => {
    const page = await list({ filter });
    expect(page.totalCount).toBe(count);
    expect(page.nodes).toHaveLength(count);
  });
  test('workload and repository', async () => {
    expect((await list({ filter: { workloadId: other.workloadId } })).totalCount).toBe(1);
    expect((await list({ filter: { repositoryId: ground.repositoryId } })).totalCount).toBe(12);
  });
  test('a relation has its own page, filter and count', async () => {
    const workload = await service.ask<{ backups: Page; lastBackup: { name: string } }>(
      'workload',
      '{ workload(name: "first") { backups(first: 2, filter: { status: [FAILED] }, orderBy: { field: NAME, direction: ASC }) { totalCount nodes { name } pageInfo { hasNextPage } } lastBackup { name } } }',
    );
    expect(workload).toEqual({
      backups: {
        totalCount: 4,
        nodes: [{ name: 'backup 00' }, { name: 'backup 03' }],
        pageInfo: { hasNextPage: true },
      },
      lastBackup: { name: 'backup 11' },
    });
  });
});

describe('a cursor', () => {
  test.each(['after', 'before'])('of an object that is gone is refused, not taken for the end (%s)', async (side) => {
    const { prisma } = service.assembly.catalogue;
    const gone = await prisma.backup.create({
      data: {
        workloadId: local(other.workloadId),
        repositoryId: local(other.repositoryId),
        name: 'gone',
        type: 'FULL',
        compression: 'zstd',
        encryption: 'none',
        initiatedBy: 'test',
      },
    });
    const page = await list({ filter: { text: 'gone' } });
    await prisma.backup.delete({ where: { id: gone.id } });
    const { errors } = await service.post(
      `query($cursor: String) { backups(${side}: $cursor, ${side === 'after' ? 'first' : 'last'}: 5) { nodes { id } } }`,
      { cursor: page.pageInfo.endCursor },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INPUT_INVALID', field: side });
  });
  test('that was made up is refused', async () => {
    const cursor = Buffer.from('GPC:S:abc').toString('base64');
    const { errors } = await service.post('query($cursor: String) { backups(after: $cursor) { nodes { id } } }', {
      cursor,
    });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INPUT_INVALID', field: 'after' });
  });
});

describe('wrong arguments name the field', () => {
  test.each([
    ['backups(first: 201) { totalCount nodes { id } }', 'first'],
    ['backups(first: -1) { nodes { id } }', 'first'],
    ['backups(last: 201) { nodes { id } }', 'last'],
    ['backups(first: 1, last: 1) { nodes { id } }', 'last'],
    ['backups(after: "nonsense") { nodes { id } }', 'after'],
    ['backups(filter: { workloadId: "x" }) { nodes { id } }', 'filter.workloadId'],
    ['backup(id: "x") { id }', 'id'],
    ['backup(id: "") { id }', 'id'],
    ['node(id: "x") { id }', 'id'],
    ['workload { id }', 'id'],
    ['workload(id: "x", name: "y") { id }', 'id'],
    ['workload(name: "first") { backups(first: 500) { nodes { id } } }', 'first'],
    ['workloads(first: 500) { nodes { id } }', 'first'],
    ['restores(first: 500) { nodes { id } }', 'first'],
    ['events(first: 500) { nodes { id } }', 'first'],
  ])('%s', async (selection, field) => {
    const { errors } = await service.post(`{ ${selection} }`);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INPUT_INVALID', field, help: expect.any(String) });
  });
});

describe('nodes', () => {
  test('every global id works with node and nodes; what is not there is null', async () => {
    const { id: tokenId } = await service.ask<{ id: string }>('viewer', '{ viewer { id } }');
    const events = await service.ask<{ nodes: { id: string }[] }>('events', '{ events(first: 1) { nodes { id } } }');
    const ids = [ground.workloadId, ground.sourceId, ground.repositoryId, tokenId, events.nodes[0]?.id ?? ''];
    const missing = globalId('Backup', '00000000-0000-7000-8000-000000000000');
    const found = await service.ask<({ id: string; __typename: string } | null)[]>(
      'nodes',
      'query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }',
      { ids: [...ids, missing] },
    );
    expect(found.map((node) => node?.id ?? null)).toEqual([...ids, null]);
    expect(found.map((node) => node?.__typename)).toEqual([
      'Workload',
      'Source',
      'Repository',
      'AccessToken',
      'Event',
      undefined,
    ]);
    expect(await service.ask('node', 'query($id: ID!) { node(id: $id) { id } }', { id: missing })).toBeNull();
  });
  test('no more than 200 at once', async () => {
    const { errors } = await service.post('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array.from({ length: 201 }, () => ground.workloadId),
    });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INPUT_INVALID', field: 'ids' });
  });
});

test('a page with its relations takes as few queries for many backups as for one', async () => {
  const { assembly } = service;
  let operations = 0;
  const prisma = assembly.catalogue.prisma.$extends({
    query: {
      $allOperations({ args, query }) {
        operations += 1;
        return query(args);
      },
    },
  }) as typeof assembly.catalogue.prisma;
  const { context, presentation } = surroundingsOf(
    { ...assembly, catalogue: { ...assembly.catalogue, prisma } },
    { baseUrl: () => '', stopping: new AbortController().signal },
  );
  const count = async (first: number): Promise<number> => {
    operations = 0;
    const operation = prepare(schema, {
      query: `{ backups(first: ${first}) { totalCount nodes {
        name parent { id } workload { name sources { name } lastBackup { name } }
        repository { name } restores { totalCount nodes { id } } verifications { id }
      } } }`,
    });
    if (isInvalid(operation)) throw new Error('The operation is valid.');
    const viewer = { actor: { kind: 'system', name: 'test' } } as const;
    const result = await run(schema, operation, { ...context, viewer }, presentation);
    expect(result).not.toHaveProperty('errors');
    return operations;
  };
  expect(await count(13)).toBe(await count(1));
});
