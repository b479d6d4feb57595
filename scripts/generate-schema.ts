/** Writes schema.graphql from the code of the API; with `--check`, fails if it is stale. */
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../src/graphql/schema.ts';
import { generate } from './house/generated-file.ts';

await generate('schema.graphql', `${printSchema(lexicographicSortSchema(schema))}\n`);
