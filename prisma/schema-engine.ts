/** Prisma's schema engine as WebAssembly: no binary to download. See docs/decisions/0020-prisma-migrations-in-wasm.md. */
import { readFile } from 'node:fs/promises';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import { openMigrationAdapter } from './migration-adapter.ts';

export type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';

/** The part of Node's global that is used here; TypeScript knows it only together with a browser's. */
declare const WebAssembly: {
  instantiate(
    program: Uint8Array,
    imports: Readonly<Record<string, object>>,
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
};

const MODULE = '@prisma/schema-engine-wasm/schema_engine_bg';

async function instantiate(): Promise<void> {
  const program = await readFile(new URL('schema_engine_bg.wasm', import.meta.resolve(MODULE)));
  const { instance } = await WebAssembly.instantiate(program, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start !== 'function') throw new Error('The WebAssembly schema engine has no entry point.');
  start();
}

/** The glue module holds one instance for the whole process: a second one would pull the memory away under the first. */
const instantiateOnce = (
  (loading?: Promise<void>) => () =>
    (loading ??= instantiate())
)();

/** Every table is the schema's. */
export const NO_FILTER = { externalTables: [], externalEnums: [] };

/** The data model as the engine takes it. */
export const dataModelFiles = (dataModel: string): { files: { path: string; content: string }[] } => ({
  files: [{ path: 'schema.prisma', content: dataModel }],
});

/** What really happened where the engine only says that something outside of it failed. */
export type Explain = (error: unknown) => unknown;

/** Runs `work` with an engine connected to the database at `url`. `dataModel` is the text of schema.prisma. */
export async function withSchemaEngine<T>(
  url: string,
  dataModel: string,
  work: (engine: glue.SchemaEngine, explain: Explain) => Promise<T>,
): Promise<T> {
  await instantiateOnce();
  await using connection = openMigrationAdapter(url);
  const adapter = bindMigrationAwareSqlAdapterFactory(connection.factory);
  const ignoreLog = (): void => undefined;
  const explain: Explain = (error) => {
    const id = error instanceof Error ? /External error id#(\d+)/.exec(error.message)?.[1] : undefined;
    return id === undefined ? error : (adapter.errorRegistry.consumeError(Number(id))?.error ?? error);
  };
  const engine = await glue.SchemaEngine.new({ datamodels: [['schema.prisma', dataModel]] }, ignoreLog, adapter);
  try {
    return await work(engine, explain);
  } finally {
    engine.free();
  }
}
