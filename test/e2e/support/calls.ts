/** What is asked of the API, in the API's own words. */
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Api } from '../../support/api-client.ts';

type Json = Record<string, unknown>;

/** A typed failure, as the API gives it. */
export interface Failure {
  readonly __typename: string;
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly field?: string;
  readonly retryable?: boolean;
}

const FAILURE = `__typename ... on Error { code message help } ... on InvalidInputError { field }
  ... on OperationFailedError { retryable }`;
const RESTORE_INPUT = 'RestoreInput';

/** Runs a mutation that must succeed, and answers `fields` of the `type` it makes. */
export async function mutate<T = { readonly id: string }>(
  api: Api,
  name: string,
  input: Json,
  type: string,
  fields = 'id',
): Promise<T> {
  const answer = await api.ask<Record<string, T>>(operation(name, `${FAILURE} ... on ${type} { ${fields} }`), {
    input,
  });
  const value = answer[name];
  if (value === undefined) throw new Error(`${name} answers nothing.`);
  return value;
}

/** Runs a mutation (or `previewRestore`) that must not succeed, and answers its typed failure. */
export async function failureOf(api: Api, name: string, input: Json): Promise<Failure> {
  const answer = await api.answer<Record<string, Failure>>(operation(name, FAILURE), { input });
  const failure = answer[name];
  if (failure?.code === undefined) throw new Error(`${name} was expected to fail: ${JSON.stringify(answer)}`);
  return failure;
}

function operation(name: string, selection: string): string {
  const isQuery = name === 'previewRestore';
  const restores = isQuery || name === 'restoreBackup';
  const inputType = restores ? RESTORE_INPUT : `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `${isQuery ? 'query' : 'mutation'} ($input: ${inputType}!) { ${name}(input: $input) { ${selection} } }`;
}

export const passphrase = 'a passphrase of tests, never to be seen';

/** A plugin module of these tests; to be named in STRONGROOM_PLUGINS. */
export const gatedStorage = fileURLToPath(new URL('../../fixtures/e2e/gated-storage.ts', import.meta.url));

/** What makes a repository a gated one. */
export const gated = (path: string): Json => ({ storage: { plugin: 'gated', configuration: { path } } });

/** Closes the gate of the gated repository at `path`; `what` as in `put 3` or `put 3-`. Disposing opens it. */
export async function closeGate(path: string, what: string): Promise<AsyncDisposable> {
  await writeFile(`${path}.gate`, what);
  return { [Symbol.asyncDispose]: () => rm(`${path}.gate`, { force: true }) };
}

/** Makes a repository in a folder; `more` adds to its input or replaces parts of it. */
export async function makeRepository(api: Api, path: string, more: Json = {}): Promise<string> {
  const input = { name: path, storage: { plugin: 'filesystem', configuration: { path } }, passphrase, ...more };
  const { id } = await mutate(api, 'createRepository', input, 'Repository');
  return id;
}

export interface SourceInput {
  readonly name: string;
  readonly plugin: string;
  readonly configuration: Json;
}

export async function makeWorkload(api: Api, name: string, sources: readonly SourceInput[]): Promise<string> {
  const { id: workloadId } = await mutate(api, 'createWorkload', { name }, 'Workload');
  for (const source of sources) await mutate(api, 'createSource', { workloadId, ...source }, 'Source');
  return workloadId;
}

export const directorySource = (name: string, path: string): SourceInput => ({
  name,
  plugin: 'directory',
  configuration: { path },
});
