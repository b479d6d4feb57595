/** Opens what lies sealed in rows, for the engine; the only place where secrets of configurations and keys are in clear. */
import { z } from 'zod';
import type { Prisma, Repository, Source } from '../catalogue/generated/prisma/client.ts';
import type { Sealing } from '../catalogue/sealing.ts';
import type { Bandwidth, RepositoryAccess, RepositoryKey, SourceChoice } from '../engine/operations.ts';
import { type Configuration, joinSecrets } from './secret-fields.ts';

/** Seals for one row and opens again. What is sealed for one row does not open for another. */
export interface Access {
  sealSourceSecrets(sourceId: string, secrets: Configuration | undefined): Uint8Array<ArrayBuffer> | null;
  sealStorageSecrets(repositoryId: string, secrets: Configuration | undefined): Uint8Array<ArrayBuffer> | null;
  sealKey(repositoryId: string, key: RepositoryKey): Uint8Array<ArrayBuffer> | null;
  sourceSecrets(row: SourceRow): Configuration | undefined;
  /** The names of the fields that are sealed, those inside others as `auth.password`; never their values. */
  secretNames(secrets: SealedSecrets): readonly string[];
  /** The source as the engine takes it. */
  source(row: SourceRow): SourceChoice;
  /** The repository as the engine takes it. */
  repository(row: RepositoryRow): RepositoryAccess;
}

/** The sealed fields of a source's or a storage target's configuration, by the row that holds them. */
export interface SealedSecrets {
  readonly of: 'source' | 'repository';
  readonly id: string;
  readonly sealed: Uint8Array | null;
}

type SourceRow = Pick<Source, 'id' | 'name' | 'plugin' | 'content' | 'configuration' | 'sealedSecrets'>;
type RepositoryRow = Pick<
  Repository,
  'id' | 'repositoryId' | 'storagePlugin' | 'storageConfiguration' | 'sealedStorageSecrets' | 'sealedKey'
> &
  LimitColumns;
type LimitColumns = Pick<Repository, 'uploadBytesPerSecond' | 'downloadBytesPerSecond'>;

const configuration = z.record(z.string(), z.unknown());
const storedKey = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('passphrase'), passphrase: z.string() }),
  z.object({ kind: z.literal('keyFile'), content: z.base64() }),
]);

export function createAccess(sealing: Sealing): Access {
  const seal = (value: unknown, place: string): Uint8Array<ArrayBuffer> =>
    sealing.seal(Buffer.from(JSON.stringify(value)), place);
  const open = (sealed: Uint8Array, place: string): unknown =>
    JSON.parse(Buffer.from(sealing.open(sealed, place)).toString('utf8'));
  const secretsAt = (sealed: Uint8Array | null, place: string): Configuration | undefined =>
    sealed === null ? undefined : configuration.parse(open(sealed, place));
  const sourceSecrets = (row: SourceRow): Configuration | undefined =>
    secretsAt(row.sealedSecrets, places.source(row.id));

  return {
    sealSourceSecrets: (id, secrets) => (secrets === undefined ? null : seal(secrets, places.source(id))),
    sealStorageSecrets: (id, secrets) => (secrets === undefined ? null : seal(secrets, places.storage(id))),
    sealKey(id, key) {
      if (key.kind === 'none') return null;
      if (key.kind === 'passphrase') return seal(key, places.key(id));
      return seal({ kind: 'keyFile', content: Buffer.from(key.content).toString('base64') }, places.key(id));
    },
    sourceSecrets,
    secretNames: ({ of, id, sealed }) =>
      fieldNames(secretsAt(sealed, of === 'source' ? places.source(id) : places.storage(id)) ?? {}),
    source: (row) => ({
      name: row.name,
      content: row.content,
      plugin: row.plugin,
      configuration: joinSecrets(openPart(row.configuration), sourceSecrets(row)),
    }),
    repository(row) {
      const secrets = secretsAt(row.sealedStorageSecrets, places.storage(row.id));
      return {
        storage: { plugin: row.storagePlugin, configuration: joinSecrets(openPart(row.storageConfiguration), secrets) },
        key:
          row.sealedKey === null
            ? { kind: 'none' }
            : openedKey(storedKey.parse(open(row.sealedKey, places.key(row.id)))),
        repositoryId: row.repositoryId,
        bandwidth: bandwidthOf(row),
      };
    },
  };
}

/** The limits of a repository as the engine takes them. */
export const bandwidthOf = (row: LimitColumns): Bandwidth => ({
  upload: row.uploadBytesPerSecond === null ? undefined : Number(row.uploadBytesPerSecond),
  download: row.downloadBytesPerSecond === null ? undefined : Number(row.downloadBytesPerSecond),
});

const fieldNames = (fields: Configuration): string[] =>
  Object.entries(fields).flatMap(([name, value]) => {
    const inner = configuration.safeParse(value);
    return inner.success ? fieldNames(inner.data).map((one) => `${name}.${one}`) : [name];
  });

/** What each sealed value is bound to. */
const places = {
  source: (id: string) => `source/${id}/secrets`,
  storage: (id: string) => `repository/${id}/storage`,
  key: (id: string) => `repository/${id}/key`,
};

const openPart = (stored: Prisma.JsonValue): Configuration => configuration.parse(stored);

const openedKey = (key: z.output<typeof storedKey>): RepositoryKey =>
  key.kind === 'passphrase' ? key : { kind: 'keyFile', content: Buffer.from(key.content, 'base64') };
