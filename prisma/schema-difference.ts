/** What separates a database from schema.prisma. */
import { fileURLToPath } from 'node:url';
import { readDataModel } from './migration-files.ts';
import { dataModelFiles, NO_FILTER, withSchemaEngine } from './schema-engine.ts';

/** The SQL that would make the database at `url` equal schema.prisma, or `undefined` when it does already. */
export async function schemaDifference(url: string): Promise<string | undefined> {
  const dataModel = await readDataModel();
  const model = dataModelFiles(dataModel);
  const configDir = fileURLToPath(new URL('.', import.meta.url));
  const { exitCode, stdout } = await withSchemaEngine(url, dataModel, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', ...model, configDir },
      to: { tag: 'schemaDatamodel', ...model },
      script: true,
      exitCode: true,
      filters: NO_FILTER,
    }),
  );
  return exitCode === 0 ? undefined : (stdout ?? '');
}
