import { expect, test } from 'vitest';
import { parseSettings, settingType } from '../../../src/cli/input/settings.ts';
import type { SettingSchema } from '../../../src/cli/input/settings.ts';

const schema: SettingSchema = {
  properties: {
    path: { type: 'string' },
    port: { type: 'integer' },
    follow: { type: 'boolean' },
    exclude: { type: 'array', items: { type: 'string' } },
    ports: { type: 'array', items: { type: 'integer' } },
    tls: { type: 'object' },
    limit: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    mode: { enum: ['a', 'b'], type: 'string' },
    password: { type: 'string', writeOnly: true },
  },
  required: ['path', 'password'],
};
const parse = (...texts: string[]) => parseSettings(texts, schema, 'example');

test('values get the type that the schema says', () => {
  expect(parse('path=/srv/a=b', 'port=5432', 'follow=true', 'limit=null')).toEqual({
    path: '/srv/a=b',
    port: 5432,
    follow: true,
    limit: null,
  });
  expect(parse('path=123')).toEqual({ path: '123' });
  expect(parse('tls={"ca":"x"}')).toEqual({ tls: { ca: 'x' } });
  expect(parse('path=')).toEqual({ path: '' });
});

test('lists are given as JSON or item by item', () => {
  expect(parse('exclude=["*.tmp","cache"]')).toEqual({ exclude: ['*.tmp', 'cache'] });
  expect(parse('exclude=*.tmp', 'exclude=cache,old', 'ports=1', 'ports=2')).toEqual({
    exclude: ['*.tmp', 'cache,old'],
    ports: [1, 2],
  });
});

test.each([
  ['path', '"path" must be field=value.'],
  ['nope=1', 'nope: the plugin example has no such field; it has: path, port'],
  ['toString=1', 'no such field'],
  ['port=many', 'port: "many" is no integer.'],
  ['follow=perhaps', 'follow: "perhaps" is no boolean.'],
  ['exclude=[1', 'exclude: "[1" is no JSON.'],
  ['password=hunter2', 'password: a secret does not belong on the command line'],
])('%s is refused', (text, message) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(message) }),
  );
});

test('a refused secret is not repeated', () => {
  expect(() => parse('password=hunter2')).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
  );
});

test('types are told in words', () => {
  expect(settingType({ type: 'array', items: { type: 'string' } })).toBe('list of string');
  expect(settingType({ enum: ['a', 'b'] })).toBe('a | b');
  expect(settingType({ anyOf: [{ type: 'integer' }, { type: 'null' }] })).toBe('integer | null');
});
