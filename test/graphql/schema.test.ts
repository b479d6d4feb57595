import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isStandardScalar(type.name),
);

function isStandardScalar(name: string): boolean {
  return ['Boolean', 'Float', 'ID', 'Int', 'String'].includes(name);
}

test('everything is described', () => {
  const bare: string[] = [];
  const check = (name: string, description: string | null | undefined): void => {
    if (!description) bare.push(name);
  };
  for (const type of types) {
    check(type.name, type.description);
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value.description);
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field.description);
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field.description);
        for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name})`, argument.description);
      }
    }
  }
  expect(bare).toEqual([]);
});

test('every mutation takes one input and answers a union with the errors', () => {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    expect(field.args.map(({ name }) => name)).toEqual(['input']);
    expect(String(field.type)).toMatch(/^\w+Result!$/u);
  }
});

test('schema.graphql is the schema', async () => {
  const file = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8');
  expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toBe(file);
});
