/** Every GraphQL operation of the command line is valid against the published schema. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { complexityFromQuery } from '@pothos/plugin-complexity';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { queryLimits } from '../../src/graphql/limits.ts';
import { publishedSchema } from './support/schema-transport.ts';

const commands = join(import.meta.dirname, '../../src/cli/commands');
const files = readdirSync(commands, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

const isOperation = (value: unknown): value is { readonly text: string } =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string';

const operations: (readonly [string, string])[] = [];
for (const file of files) {
  const exported: Readonly<Record<string, unknown>> = await import(join(commands, file));
  for (const [name, value] of Object.entries(exported)) {
    if (isOperation(value)) operations.push([`${file} ${name}`, value.text]);
  }
}

test('the operations are found', () => {
  expect(operations.length).toBeGreaterThan(35);
});

test.each(operations)('%s is valid', (_name, text) => {
  expect(validate(publishedSchema, parse(text)).map(({ message }) => message)).toEqual([]);
});

test('every mutation and query of runs selects the failure it can answer', () => {
  const unions = operations.filter(([, text]) => /^\s*mutation/u.test(text));
  for (const [name, text] of unions) expect(text, name).toContain('...Failure');
});

test.each(operations.filter(([, text]) => !text.includes('$input')))(
  '%s costs no more than a request may',
  (_name, text) => {
    // Pages as the command line asks for them: 300 entries of a folder, 50 of anything else.
    const variables = { first: text.includes('ListTree') ? 300 : 50, id: 'x', name: 'x', path: '/' };
    const { complexity, depth, breadth } = complexityFromQuery(text, { schema, ctx: {}, variables });
    expect(complexity).toBeLessThanOrEqual(queryLimits.complexity);
    expect(depth).toBeLessThanOrEqual(queryLimits.depth);
    expect(breadth).toBeLessThanOrEqual(queryLimits.breadth);
  },
);
