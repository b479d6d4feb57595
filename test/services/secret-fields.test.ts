import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { secret } from '../../src/contracts/index.ts';
import { joinSecrets, keepSecrets, splitSecrets } from '../../src/services/secret-fields.ts';

const schema = z.toJSONSchema(
  z.object({
    host: z.string(),
    password: secret().optional(),
    login: z.discriminatedUnion('by', [
      z.object({ by: z.literal('key'), key: secret() }),
      z.object({
        by: z.literal('user'),
        user: z.string(),
        deep: z.object({ pin: secret().optional(), open: z.string() }),
      }),
    ]),
    headers: z.record(z.string(), secret()).optional(),
    keys: z.array(z.object({ id: z.string(), value: secret() })).optional(),
  }),
  { io: 'input' },
);

const full = {
  host: 'db',
  password: 'one',
  login: { by: 'user', user: 'me', deep: { pin: 'two', open: 'seen' } },
  headers: { authorization: 'three' },
  keys: [{ id: 'a', value: 'four' }],
};

describe('secret fields', () => {
  test('are taken out wherever they are, and come back to their places', () => {
    const { open, secrets } = splitSecrets(schema, full);
    expect(open).toEqual({ host: 'db', login: { by: 'user', user: 'me', deep: { open: 'seen' } }, headers: {} });
    expect(JSON.stringify(open)).not.toMatch(/one|two|three|four/);
    expect(joinSecrets(open, secrets)).toEqual(full);
  });

  test('may be absent', () => {
    const open = { host: 'db', login: { by: 'user', user: 'me', deep: { open: 'x' } } };
    expect(splitSecrets(schema, open)).toEqual({ open, secrets: undefined });
    expect(joinSecrets(open, undefined)).toEqual(open);
  });

  test('that a change leaves out stay, null drops them, a part left out takes its own along', () => {
    const { secrets } = splitSecrets(schema, full);
    const changed = { host: 'other', login: { by: 'user', user: 'you', deep: { open: 'y' } }, password: null };
    expect(keepSecrets(schema, changed, secrets)).toEqual({
      host: 'other',
      login: { by: 'user', user: 'you', deep: { open: 'y', pin: 'two' } },
      keys: full.keys,
    });
    expect(keepSecrets(schema, { host: 'db', password: 'new' }, secrets)).toEqual({
      host: 'db',
      password: 'new',
      keys: full.keys,
    });
  });
});
