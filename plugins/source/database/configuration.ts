/** What sources of database servers have in common in their configurations. */
import { z } from 'zod';
import { secret } from '../../../src/contracts/index.ts';

/** `*` is anything, `?` one character. */
const Pattern = z.string().min(1).max(200);

/**
 * Which databases.
 * @param longest characters of a name
 * @param all what `*` leaves out, as the end of `"*" for all but …`
 */
export const choiceFields = (longest: number, all: string) => ({
  database: z.string().min(1).max(longest).optional().describe('Name of the database. Either this or "databases".'),
  databases: z
    .array(Pattern)
    .min(1)
    .max(100)
    .optional()
    .describe(`Patterns of databases, "*" for all but ${all}; those made later are backed up as well.`),
  excludeDatabases: z
    .array(Pattern)
    .max(100)
    .optional()
    .describe('Patterns of databases to leave out; wins over "databases".'),
});

interface Choice {
  readonly database?: string | undefined;
  readonly databases?: readonly string[] | undefined;
  readonly excludeDatabases?: readonly string[] | undefined;
}

type Rule = readonly [(choice: Choice) => boolean, { path: string[]; error: string }];

/** For `refine`: one of both ways to choose. */
export const ONE_CHOICE: Rule = [
  ({ database, databases }) => (database === undefined) !== (databases === undefined),
  { path: ['database'], error: 'must be given, or "databases" instead' },
];

/** For `refine`: what is left out is left out of something. */
export const EXCLUDES_OF_PATTERNS: Rule = [
  ({ databases, excludeDatabases }) => databases !== undefined || excludeDatabases === undefined,
  { path: ['excludeDatabases'], error: 'goes with "databases" only' },
];

/** How the server proves who it is, and is asked. */
export const connectionFields = {
  password: secret().optional().describe('Password of the user, where the server asks for one.'),
  sslMode: z
    .enum(['disable', 'prefer', 'require', 'verify-full'])
    .default('prefer')
    .describe(
      'Whether the connection is encrypted; with "verify-full" the server must prove by a certificate who it is.',
    ),
  sslRootCertificate: z
    .string()
    .max(1_000_000)
    .regex(/-----BEGIN CERTIFICATE-----/, 'must be certificates in PEM')
    .optional()
    .describe(
      'For "verify-full": the certificates of a private authority, in PEM; those that Node trusts when absent.',
    ),
  connections: z
    .int()
    .min(1)
    .max(32)
    .default(2)
    .describe('Connections that read or write rows at once; as many as the server can spare processors.'),
};
