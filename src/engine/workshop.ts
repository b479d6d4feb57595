/** What an operation works with inside its thread: the plugins, made as it needs them and disposed with it. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StrongroomError } from '../errors.ts';
import type { PluginHost, Source, SourceContext, StorageTarget, Warning } from '../contracts/index.ts';
import { createPluginHost, loadPlugins, type PluginRegistry } from '../plugins.ts';
import {
  addSlot,
  type CodecSource,
  createRepository,
  type DerivedKey,
  type Expected,
  IndexCache,
  type KeySlot,
  LanePool,
  type LaneSpawner,
  openRepository,
  type OpenedRepository,
  type SlotKey,
} from '../repository/index.ts';
import { codecsOf } from './codecs.ts';
import type { PluginChoice, RepositoryAccess, RepositoryDesign, RepositoryKey } from './operations.ts';
import { type Pace, pacedBy } from './paced-storage.ts';
import type { Run } from './run.ts';
import { scratchPath } from './scratch.ts';
import { LaneStock } from './lane-stock.ts';

/** What every thread of the engine is told. Plain data. */
export interface EngineSettings {
  /** npm packages or files, see `loadPlugins`. */
  readonly pluginModules: readonly string[];
  readonly roots: readonly string[];
  readonly dataDirectory: string;
  /** Threads for the heavy work of one run. */
  readonly lanes: number;
  /** Version of Strongroom, kept in snapshots. */
  readonly program: string;
}

/** What is known of the passphrase of the repository that an operation opens, and who hears of what was derived from it. */
export interface Unlocking {
  readonly derived: DerivedKey | undefined;
  onDerived(derived: DerivedKey): void;
}

export class Workshop {
  readonly settings: EngineSettings;
  readonly plugins: PluginRegistry;
  readonly #host: PluginHost;
  readonly #pace: Pace;
  readonly #unlocking: Unlocking;
  readonly #lanes: LaneStock;

  private constructor(settings: EngineSettings, plugins: PluginRegistry, pace: Pace, unlocking: Unlocking) {
    this.settings = settings;
    this.plugins = plugins;
    this.#unlocking = unlocking;
    this.#host = createPluginHost({ roots: settings.roots, dataDir: settings.dataDirectory });
    this.#pace = pace;
    this.#lanes = new LaneStock(settings.pluginModules);
  }

  /** @param pace what storage targets read and write at */
  static async open(settings: EngineSettings, pace: Pace, unlocking: Unlocking): Promise<Workshop> {
    return new Workshop(settings, await loadPlugins(settings.pluginModules), pace, unlocking);
  }

  get spawnLane(): LaneSpawner {
    return this.#lanes.spawn;
  }

  get codecs(): CodecSource {
    return codecsOf(this.plugins);
  }

  async storage({ plugin, configuration }: PluginChoice): Promise<StorageTarget> {
    const parsed = this.plugins.configure('storage', plugin, configuration);
    return pacedBy(await this.plugins.get('storage', plugin).create(parsed, this.#host), this.#pace);
  }

  async source({ plugin, configuration }: PluginChoice): Promise<Source> {
    const parsed = this.plugins.configure('source', plugin, configuration);
    return this.plugins.get('source', plugin).create(parsed, this.#host);
  }

  /** Runs `work` with a repository and disposes of its storage. */
  async withRepository<T>(access: RepositoryAccess, work: (repository: OpenedRepository) => Promise<T>): Promise<T> {
    await using storage = await this.storage(access.storage);
    return await work(await this.open(storage, access));
  }

  /** Opens a repository in a storage target that the caller disposes of. */
  async open(storage: StorageTarget, access: RepositoryAccess): Promise<OpenedRepository> {
    const repository = await openRepository(storage, this.codecs, this.#keyOf(access), expectedOf(access));
    if (repository.derived !== undefined) this.#unlocking.onDerived(repository.derived);
    if (storage.capabilities.local) return repository;
    const folder = join(this.settings.dataDirectory, 'cache', repository.description.id);
    return { ...repository, indexCache: new IndexCache(folder) };
  }

  /** Lanes for a run that only reads; they stop when the run is cancelled. */
  readingLanes({ description, keys }: OpenedRepository, run: Run): LanePool {
    const pool = new LanePool({
      repository: { description, keys },
      spawn: this.#lanes.spawn,
      lanes: this.settings.lanes,
      chunks: [],
      buffers: { length: 0, count: 0 },
      onPack: () => undefined,
      onLevel: () => undefined,
    });
    run.limits.onLanes((lanes) => pool.limit(lanes));
    run.signal.addEventListener('abort', () => void pool.stop(new StrongroomError('CANCELLED', {})), { once: true });
    return pool;
  }

  #keyOf({ key }: RepositoryAccess): SlotKey {
    const { derived } = this.#unlocking;
    return key.kind === 'passphrase' && derived !== undefined ? { ...key, derived } : key;
  }

  async create(access: RepositoryAccess, design: RepositoryDesign): Promise<void> {
    await using storage = await this.storage(access.storage);
    await storage.check();
    const { compressor, compressionLevel: level, encryptor } = design;
    const choice = (kind: 'compressor' | 'encryptor', { plugin, configuration }: PluginChoice) => ({
      name: plugin,
      configuration: this.plugins.configure(kind, plugin, configuration),
    });
    await createRepository(
      storage,
      this.codecs,
      {
        compressor: choice('compressor', compressor),
        encryptor: choice('encryptor', encryptor),
        ...(level !== undefined && { level }),
      },
      access.key,
      new Date(),
      locationOf(access.storage),
    );
  }

  async addKey(access: RepositoryAccess, added: RepositoryKey): Promise<KeySlot> {
    await using storage = await this.storage(access.storage);
    return await addSlot(storage, this.#keyOf(access), added, new Date(), expectedOf(access));
  }

  /**
   * Runs `work` with a context for a source. `scratch` is named by `name`, which is stable over attempts, so that what a killed
   * attempt left is found and removed.
   */
  async withContext<T>(
    name: string,
    signal: AbortSignal,
    listeners: { readonly warn?: (warning: Warning) => void; readonly expect?: SourceContext['expect'] },
    work: (context: SourceContext) => Promise<T>,
  ): Promise<T> {
    const scratch = scratchPath(this.settings.dataDirectory, name);
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    try {
      const { warn = () => undefined, expect = () => undefined } = listeners;
      return await work({ signal, scratch, warn, expect });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
}

const expectedOf = ({ storage, repositoryId: id }: RepositoryAccess): Expected => ({
  location: locationOf(storage),
  ...(id !== undefined && { id }),
});

/** Where a storage target is, in words, without anything secret. */
const locationOf = ({ plugin, configuration }: PluginChoice): string =>
  typeof configuration['path'] === 'string' ? configuration['path'] : `the ${plugin} storage`;
