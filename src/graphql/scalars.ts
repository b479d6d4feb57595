/** Scalars beyond those of GraphQL itself. */
import { GraphQLError, Kind, valueFromASTUntyped } from 'graphql';
import { builder } from './builder.ts';

const decimal = /^-?\d{1,19}$/;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

function toDate(value: unknown): Date {
  if (typeof value === 'string' && isoTime.test(value)) {
    const date = new Date(value);
    if (!Number.isNaN(date.getTime())) return date;
  }
  throw new GraphQLError('A DateTime is written in ISO 8601 with a time zone, for instance "2026-01-31T12:00:00Z".');
}

function toBigInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && decimal.test(value)) return BigInt(value);
  throw new GraphQLError('A BigInt is written as a whole number or as a string of decimal digits.');
}

builder.scalarType('DateTime', {
  description: 'A moment in ISO 8601, answered in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.',
  serialize: (value) => toDateOut(value).toISOString(),
  parseValue: toDate,
  parseLiteral: (node) => toDate(node.kind === Kind.STRING ? node.value : undefined),
});

builder.scalarType('BigInt', {
  description:
    'A whole number that may pass 2^31, answered as a string of decimal digits so that no client rounds it; ' +
    'taken as a string or a number.',
  serialize: (value) => toBigInt(value).toString(),
  parseValue: toBigInt,
  parseLiteral: (node) => toBigInt(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined),
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

function toDateOut(value: unknown): Date {
  if (value instanceof Date) return value;
  return new Date(String(value));
}
