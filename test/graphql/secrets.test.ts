import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { schema } from '../../src/graphql/schema.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { mutate, startTestService, type TestService } from '../server/support/service.ts';
import { makeBackup, makeGround, secretPassphrase } from '../server/support/workload.ts';

const configured = 'configured-secret-5b7e';

const plugin = `
import { defineSource, secret } from 'strongroom/contracts';
import { z } from 'CONTRACTS_ZOD';
export default defineSource({
  name: 'with-secret',
  version: '1.0.0',
  contractVersion: 1,
  description: 'A source with a secret.',
  content: 'DATABASE',
  configuration: z.object({ host: z.string(), password: secret(), login: z.object({ user: z.string(), key: secret() }) }),
  create: () => Promise.reject(new Error('Never made: the engine of tests does without.')),
});
`;

let service: TestService;
let directory: TempDir;
beforeAll(async () => {
  directory = await makeTempDir('plugin');
  const file = directory.join('with-secret.mjs');
  await writeFile(file, plugin.replace('CONTRACTS_ZOD', import.meta.resolve('zod')));
  service = await startTestService({ STRONGROOM_PLUGINS: file });
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

/** Every field that needs no argument, to a depth that stays within the limits of a request. */
function everything(type: GraphQLObjectType, depth: number): string {
  return Object.values(type.getFields())
    .filter((field) => !field.args.some(isRequiredArgument))
    .map((field) => {
      const inner = selectionOf(field.type, depth);
      return inner === undefined ? '' : `${field.name}${inner}`;
    })
    .join(' ');
}

function selectionOf(output: GraphQLOutputType, depth: number): string | undefined {
  const type = getNamedType(output);
  if (isLeafType(type)) return '';
  if (depth === 0) return undefined;
  if (isObjectType(type)) return ` { __typename ${everything(type, depth - 1)} }`;
  return isAbstractType(type) ? ' { __typename }' : undefined;
}

test('no secret is anywhere in what the API answers, nor in the log', async () => {
  const ground = await makeGround(service, 'secretive');
  const made = await mutate(
    service,
    'createSource',
    {
      workloadId: ground.workloadId,
      name: 'database',
      plugin: 'with-secret',
      configuration: { host: 'db', password: configured, login: { user: 'me', key: configured } },
    },
    'Source',
    'id configuration secretsSet',
  );
  expect(made).toMatchObject({ configuration: { host: 'db', login: { user: 'me' } } });
  expect(made['secretsSet']).toEqual(expect.arrayContaining(['password', 'login.key']));
  await makeBackup(service, ground);

  const query = schema.getQueryType();
  const texts: string[] = [];
  for (const field of Object.values(query?.getFields() ?? {})) {
    if (field.args.some(isRequiredArgument) || !query) continue;
    const selection = selectionOf(field.type, 3);
    if (selection === undefined) continue;
    const paged = field.args.some(({ name }) => name === 'first') ? '(first: 5)' : '';
    const { text, errors } = await service.post(`{ ${field.name}${paged}${selection} }`);
    const codes = errors?.map(({ extensions }) => extensions?.['code']) ?? [];
    expect(codes.filter((code) => code !== 'INPUT_INVALID')).toEqual([]);
    texts.push(text);
  }
  const sources = await service.post('{ workloads { nodes { sources { plugin configuration secretsSet } } } }');
  texts.push(sources.text);
  const wrong = await mutate(
    service,
    'attachRepository',
    {
      name: 'wrong',
      storage: { plugin: 'filesystem', configuration: { path: `${service.root}/secretive` } },
      passphrase: `${secretPassphrase}-wrong`,
    },
    'Repository',
  );
  texts.push(JSON.stringify(wrong));

  expect(texts.join('\n')).toContain('with-secret');
  for (const text of [...texts, ...service.logged]) {
    expect(text).not.toContain(configured);
    expect(text).not.toContain(secretPassphrase);
    expect(text).not.toContain(service.token);
  }
});
