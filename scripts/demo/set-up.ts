/** Tells Strongroom what the sample application is made of. */
import { randomBytes } from 'node:crypto';
import type { Api } from '../../test/support/api-client.ts';
import type { Application } from './application.ts';

export interface SetUp {
  readonly workloadId: string;
  readonly repositoryId: string;
}

const failure = '... on Error { code message help }';

export async function setUp(api: Api, application: Application, repositoryPath: string): Promise<SetUp> {
  const { createRepository } = await api.ask<{ createRepository: { id: string } }>(
    `mutation ($input: CreateRepositoryInput!) {
      createRepository(input: $input) { ... on Repository { id } ${failure} }
    }`,
    {
      input: {
        name: 'demo',
        storage: { plugin: 'filesystem', configuration: { path: repositoryPath } },
        passphrase: randomBytes(24).toString('base64url'),
      },
    },
  );
  const { createWorkload } = await api.ask<{ createWorkload: { id: string } }>(
    `mutation ($input: CreateWorkloadInput!) {
      createWorkload(input: $input) { ... on Workload { id } ${failure} }
    }`,
    { input: { name: 'sample-application' } },
  );
  for (const source of application.sources) {
    await api.ask(
      `mutation ($input: CreateSourceInput!) {
        createSource(input: $input) { ... on Source { id } ${failure} }
      }`,
      { input: { workloadId: createWorkload.id, ...source } },
    );
  }
  return { workloadId: createWorkload.id, repositoryId: createRepository.id };
}
