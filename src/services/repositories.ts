/** Where backups are kept: create, attach, rename, test, forget, keys, usage. */
import { z } from 'zod';
import type { CatalogueTransaction } from '../catalogue/client.ts';
import type { Prisma } from '../catalogue/generated/prisma/client.ts';
import type { KeySlotFacts, PluginChoice, RepositoryFacts, RepositoryKey } from '../engine/operations.ts';
import { StrongroomError } from '../errors.ts';
import { openStatuses } from '../jobs/run-rows.ts';
import { configurationJsonSchema } from '../plugins.ts';
import { bandwidthOf } from './access.ts';
import type { Actor, Changed } from './actor.ts';
import { type Change, recordChange } from './changes.ts';
import type { ServiceParts } from './deps.ts';
import { byteRate, displayName, inputInvalid, object, parseInput, within } from './input.ts';
import { createFactsKeeper, factColumns, refuseOwnSlot } from './repository-facts.ts';
import { asJson, existing, namingUniquely } from './rows.ts';
import { splitSecrets } from './secret-fields.ts';

/** A plugin with its configuration as its schema wants it, secrets included. */
export interface PluginInput {
  readonly plugin: string;
  /** Empty when absent. */
  readonly configuration?: unknown;
}

/** At most one of the two; none for an encryptor that keeps nothing secret. */
export interface KeyInput {
  readonly passphrase?: string;
  /** Content of a key file: at least 32 bytes, at most 64 KiB. */
  readonly keyFile?: Uint8Array;
}

/** Bytes a second between each worker and the storage target, 64 KiB to 1 TiB; 0 for no limit. */
export interface BandwidthInput {
  readonly uploadBytesPerSecond?: bigint;
  readonly downloadBytesPerSecond?: bigint;
}

/** There are no limits but those given. */
export interface AttachRepositoryInput extends KeyInput, BandwidthInput {
  /** Unique; 1 to 100 characters. */
  readonly name: string;
  readonly storage: PluginInput;
}

export interface CreateRepositoryInput extends AttachRepositoryInput {
  /** `zstd` when absent. */
  readonly compressor?: PluginInput;
  /** The compressor's default when absent. */
  readonly compressionLevel?: number;
  /** `aes-256-gcm` when absent. */
  readonly encryptor?: PluginInput;
}

/** What is absent stays as it is. Limits hold for runs that are under way within two seconds. */
export interface UpdateRepositoryInput extends BandwidthInput {
  readonly id: string;
  readonly name?: string;
}

export interface DeleteRepositoryInput {
  readonly id: string;
  /** Forget its backups with it. */
  readonly force?: boolean;
}

/** What lies in a repository. */
export interface RepositoryUsage {
  readonly snapshots: number;
  /** Bytes of all objects. */
  readonly storedBytes: number;
  /** Absent where the target can't tell. */
  readonly freeBytes?: number;
}

/** Besides the errors named below, every command rejects with what the engine met: storage, key, damage. */
export interface Repositories {
  /** Makes an empty repository and remembers it. `REPOSITORY_EXISTS` if one is there: attach it instead. */
  create(actor: Actor, input: CreateRepositoryInput): Promise<Changed>;
  /** Remembers a repository that is there already. `REPOSITORY_ATTACHED` when it is remembered already. */
  attach(actor: Actor, input: AttachRepositoryInput): Promise<Changed>;
  update(actor: Actor, input: UpdateRepositoryInput): Promise<Changed>;
  /** Forgets the repository; its objects stay. `STATE_CONFLICT` while backups point to it, unless forced, and always while a run uses it. */
  delete(actor: Actor, input: DeleteRepositoryInput): Promise<Changed>;
  /** Opens it, proves that its storage can be written, and keeps what it saw. */
  test(id: string, signal?: AbortSignal): Promise<Changed>;
  addKey(
    actor: Actor,
    input: KeyInput & { readonly repositoryId: string },
  ): Promise<Changed & { readonly slot: KeySlotFacts }>;
  /** `STATE_CONFLICT` for the slot that Strongroom itself opens the repository with; `REPOSITORY_KEY_LAST` for the last one. */
  removeKey(actor: Actor, input: { readonly repositoryId: string; readonly slot: string }): Promise<Changed>;
  /** What lies in it, at most some seconds old. */
  usage(id: string): Promise<RepositoryUsage>;
}

const plugin = z.strictObject({ plugin: z.string(), configuration: object.default({}) });
const key = {
  passphrase: z.string().min(1, 'must not be empty').max(1_024, 'must have at most 1,024 characters').optional(),
  keyFile: z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length >= 32, 'must have at least 32 bytes')
    .refine((bytes) => bytes.length <= 65_536, 'must have at most 65,536 bytes')
    .optional(),
};
const bandwidth = { uploadBytesPerSecond: byteRate.optional(), downloadBytesPerSecond: byteRate.optional() };
const attached = z.strictObject({ name: displayName, storage: plugin, ...key, ...bandwidth });
const created = z.strictObject({
  ...attached.shape,
  compressor: plugin.default({ plugin: 'zstd', configuration: {} }),
  compressionLevel: z.int('must be a whole number').optional(),
  encryptor: plugin.default({ plugin: 'aes-256-gcm', configuration: {} }),
});
const updated = z.strictObject({ name: displayName.optional(), ...bandwidth });
const addedKey = z.strictObject(key);

type Parts = Pick<ServiceParts, 'prisma' | 'engine' | 'plugins' | 'access' | 'ids' | 'clock'>;

export function createRepositories(parts: Parts): Repositories {
  const { prisma, engine, plugins, access, ids, clock } = parts;
  const keeper = createFactsKeeper(parts);
  const find = (id: string) =>
    existing('repository', id, (found) => prisma.repository.findUnique({ where: { id: found } }));

  const choice = (kind: 'storage' | 'compressor' | 'encryptor', given: z.output<typeof plugin>): PluginChoice => {
    plugins.get(kind, given.plugin);
    within(kind, () => plugins.configure(kind, given.plugin, given.configuration));
    return given;
  };
  /** Writes the row of a repository that the engine has opened. */
  const remember = async (
    actor: Actor,
    what: 'created' | 'attached',
    place: {
      readonly name: string;
      readonly storage: PluginChoice;
      readonly key: RepositoryKey;
      readonly limits: LimitColumns;
    },
    facts: RepositoryFacts,
    design: Pick<
      Prisma.RepositoryUncheckedCreateInput,
      'compressorConfiguration' | 'compressionLevel' | 'encryptorConfiguration'
    >,
  ): Promise<Changed> => {
    const id = ids();
    const schema = configurationJsonSchema(plugins.get('storage', place.storage.plugin));
    const { open, secrets } = splitSecrets(schema, place.storage.configuration);
    const data = {
      id,
      name: place.name,
      storagePlugin: place.storage.plugin,
      storageConfiguration: asJson(open),
      sealedStorageSecrets: access.sealStorageSecrets(id, secrets),
      compressorPlugin: facts.compressor,
      encryptorPlugin: facts.encryptor,
      ...design,
      repositoryId: facts.repositoryId,
      formatVersion: facts.formatVersion,
      sealedKey: access.sealKey(id, place.key),
      ...place.limits,
      ...factColumns(facts),
      checkedAt: clock.now(),
    };
    return namingUniquely('repository', place.name, () =>
      prisma.$transaction(async (transaction) => {
        const row = await transaction.repository.create({ data });
        await recordChange(transaction, actor, changeOf(what, row, { after: row }));
        return { id };
      }),
    );
  };
  /** Before anything is made at the storage target: what is made there stays. */
  const refuseTakenName = async (name: string): Promise<void> => {
    const taken = await prisma.repository.findUnique({ where: { name } });
    if (taken !== null) throw new StrongroomError('NAME_TAKEN', { type: 'repository', name });
  };

  return {
    async create(actor, input) {
      const { name, storage, compressor, compressionLevel, encryptor, ...given } = parseInput(created, input);
      const place = { name, storage: choice('storage', storage), key: keyOf(given), limits: limitsOf(given) };
      const level = compressionLevel === undefined ? {} : { compressionLevel };
      const design = {
        compressor: choice('compressor', compressor),
        encryptor: choice('encryptor', encryptor),
        ...level,
      };
      await refuseTakenName(name);
      const facts = await engine.run('createRepository', { repository: { storage, key: place.key }, design });
      return remember(actor, 'created', place, facts, {
        compressorConfiguration: asJson(compressor.configuration),
        encryptorConfiguration: asJson(encryptor.configuration),
        ...level,
      });
    },
    async attach(actor, input) {
      const { name, storage, ...given } = parseInput(attached, input);
      const place = { name, storage: choice('storage', storage), key: keyOf(given), limits: limitsOf(given) };
      await refuseTakenName(name);
      const facts = await engine.run('checkRepository', { repository: { storage, key: place.key } });
      const known = await prisma.repository.findUnique({ where: { repositoryId: facts.repositoryId } });
      if (known !== null) throw new StrongroomError('REPOSITORY_ATTACHED', { name: known.name });
      return remember(actor, 'attached', place, facts, {});
    },
    async update(actor, { id, ...input }) {
      const { name, ...given } = parseInput(updated, input);
      const before = await find(id);
      const data = { ...(name !== undefined && { name }), ...limitsOf(given) };
      if (Object.keys(data).length === 0) return { id };
      const after = await namingUniquely('repository', name ?? before.name, () =>
        prisma.$transaction(async (transaction) => {
          const row = await transaction.repository.update({ where: { id }, data });
          await recordChange(transaction, actor, changeOf('updated', row, { before, after: row }));
          return row;
        }),
      );
      engine.limitBandwidth(after.repositoryId, bandwidthOf(after));
      return { id };
    },
    async delete(actor, { id, force = false }) {
      const before = await find(id);
      return prisma.$transaction(async (transaction) => {
        await transaction.$queryRaw`SELECT 1 FROM repository WHERE id = ${id}::uuid FOR UPDATE`;
        await refuseWhileUsed(transaction, id, force);
        await transaction.backup.deleteMany({ where: { repositoryId: id } });
        await transaction.repository.deleteMany({ where: { id } });
        await recordChange(transaction, actor, changeOf('deleted', before, { before }));
        keeper.forget(id);
        return { id };
      });
    },
    async test(id, signal) {
      await keeper.look(await find(id), signal);
      return { id };
    },
    async addKey(actor, { repositoryId: id, ...input }) {
      const row = await find(id);
      const added = keyOf(parseInput(addedKey, input));
      if (added.kind === 'none') throw inputInvalid('passphrase', 'a passphrase or a key file is needed');
      const slot = await engine.run('addRepositoryKey', { repository: access.repository(row), added });
      await keeper.look(row);
      await recordChange(prisma, actor, changeOf('keyAdded', row, { after: { slot: slot.slot, kind: slot.kind } }));
      return { id, slot };
    },
    async removeKey(actor, { repositoryId: id, slot }) {
      const row = await find(id);
      const repository = access.repository(row);
      refuseOwnSlot(row, repository.key.kind, await keeper.look(row), slot);
      await engine.run('removeRepositoryKey', { repository, slot });
      await keeper.look(row);
      await recordChange(prisma, actor, changeOf('keyRemoved', row, { before: { slot } }));
      return { id };
    },
    async usage(id) {
      const { snapshots, storedBytes, freeBytes } = await keeper.recent(await find(id));
      return { snapshots, storedBytes, ...(freeBytes !== undefined && { freeBytes }) };
    },
  };
}

function keyOf({
  passphrase,
  keyFile,
}: {
  passphrase?: string | undefined;
  keyFile?: Uint8Array | undefined;
}): RepositoryKey {
  if (passphrase !== undefined && keyFile !== undefined)
    throw inputInvalid('keyFile', 'must not come with a passphrase');
  if (passphrase !== undefined) return { kind: 'passphrase', passphrase };
  return keyFile === undefined ? { kind: 'none' } : { kind: 'keyFile', content: keyFile };
}

type LimitColumns = Pick<Prisma.RepositoryUncheckedCreateInput, 'uploadBytesPerSecond' | 'downloadBytesPerSecond'>;

/** The columns of the limits that were given. */
const limitsOf = ({
  uploadBytesPerSecond: upload,
  downloadBytesPerSecond: download,
}: {
  uploadBytesPerSecond?: bigint | null | undefined;
  downloadBytesPerSecond?: bigint | null | undefined;
}): LimitColumns => ({
  ...(upload !== undefined && { uploadBytesPerSecond: upload }),
  ...(download !== undefined && { downloadBytesPerSecond: download }),
});

async function refuseWhileUsed(transaction: CatalogueTransaction, id: string, force: boolean): Promise<void> {
  const open = { status: { in: openStatuses } };
  const [backups, running, restores, verifications] = [
    await transaction.backup.count({ where: { repositoryId: id } }),
    await transaction.backup.count({ where: { repositoryId: id, ...open } }),
    await transaction.restore.count({ where: { backup: { repositoryId: id }, ...open } }),
    await transaction.verification.count({ where: { backup: { repositoryId: id }, ...open } }),
  ];
  const refuse = (reason: string): never => {
    throw new StrongroomError('STATE_CONFLICT', { type: 'repository', id, state: 'in use', reason });
  };
  if (running + restores + verifications > 0) refuse('a backup, restore or verification uses it');
  if (backups > 0 && !force) refuse(`${backups} backup${backups === 1 ? '' : 's'} would be forgotten with it`);
}

const changeOf = (
  what: 'created' | 'attached' | 'updated' | 'deleted' | 'keyAdded' | 'keyRemoved',
  row: { readonly id: string; readonly name: string },
  states: Pick<Change, 'before' | 'after'>,
): Change => ({
  type: `repository.${what}`,
  summary: `Repository ${row.name}: ${words[what]}.`,
  subject: { type: 'Repository', id: row.id },
  ...states,
});
const words = {
  created: 'created',
  attached: 'attached',
  updated: 'updated',
  deleted: 'forgotten',
  keyAdded: 'a key is added',
  keyRemoved: 'a key is removed',
};
