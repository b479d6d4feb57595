/** Where backups are kept: create, attach, rename, test, forget, keys, usage. */
import type { KeySlotFacts } from '../engine/operations.ts';
import type { Actor, Changed } from './actor.ts';

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

export interface AttachRepositoryInput extends KeyInput {
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

export interface UpdateRepositoryInput {
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
  /** Remembers a repository that is there already. `NAME_TAKEN` when it is attached under another name. */
  attach(actor: Actor, input: AttachRepositoryInput): Promise<Changed>;
  update(actor: Actor, input: UpdateRepositoryInput): Promise<Changed>;
  /** Forgets the repository; its objects stay. `STATE_CONFLICT` while backups point to it, unless forced, and always while a run uses it. */
  delete(actor: Actor, input: DeleteRepositoryInput): Promise<Changed>;
  /** Opens it, proves that its storage can be written, and keeps what it saw. */
  test(id: string, signal?: AbortSignal): Promise<Changed>;
  addKey(actor: Actor, input: KeyInput & { readonly repositoryId: string }): Promise<Changed & { readonly slot: KeySlotFacts }>;
  /** `STATE_CONFLICT` for the slot that Strongroom itself opens the repository with; `REPOSITORY_KEY_LAST` for the last one. */
  removeKey(actor: Actor, input: { readonly repositoryId: string; readonly slot: string }): Promise<Changed>;
  /** What lies in it, at most some seconds old. */
  usage(id: string): Promise<RepositoryUsage>;
}
