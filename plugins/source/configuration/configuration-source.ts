/** The source over named files and folders. */
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import type {
  DiscoveredItem,
  PluginHost,
  PreviewItem,
  ReadContext,
  ReadSelection,
  RestoreContext,
  RestoreEntry,
  RestoreRequest,
  Source,
  SourceContext,
  SourceYield,
  StoredEntry,
} from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { NamedPaths } from '../directory/named-paths.ts';
import { previewFiles } from '../directory/preview.ts';
import { restoreFiles } from '../directory/restore-files.ts';
import { scan } from '../directory/scan.ts';
import { directoryTarget } from '../directory/target.ts';
import { reasonOf } from '../directory/warnings.ts';
import { allowedEntries, isAllowed } from './allowed-entries.ts';
import { baseOf, findItems, missing, presentItems } from './named-items.ts';
import type { NamedItem } from './named-items.ts';

export interface ConfigurationSourceOptions {
  readonly root: string | undefined;
  readonly paths: readonly string[];
  readonly host: PluginHost;
}

/**
 * Entries are named by their path below `root`, or by their absolute path without its leading slash. So no two items
 * collide, and in place everything goes back to exactly where it was. Directories above the items are kept to be made again
 * where they are gone; those that are there are left as they are.
 */
export class ConfigurationSource implements Source {
  readonly #options: ConfigurationSourceOptions;

  constructor(options: ConfigurationSourceOptions) {
    this.#options = options;
  }

  async check(_context: SourceContext): Promise<void> {
    for (const item of (await this.#find()).items) {
      if (item.kind === 'missing') throw missing(item);
      await access(item.absolute, constants.R_OK).catch((error: unknown) => {
        throw new StrongroomError(
          'SOURCE_DENIED',
          { subject: item.configured, reason: reasonOf(error) },
          { cause: error },
        );
      });
    }
  }

  async *discover(_context: SourceContext): AsyncIterable<DiscoveredItem> {
    for (const { kind, absolute, size } of (await this.#find()).items) {
      if (kind === 'directory') yield { kind, name: absolute };
      else if (kind !== 'missing') yield { kind: 'file', name: absolute, bytes: size };
    }
  }

  async *read(_selection: ReadSelection, context: ReadContext): AsyncIterable<SourceYield> {
    const { base, items } = await this.#find();
    const paths = presentItems(items, context).map((item) => item.relative);
    const named = paths.includes('') ? undefined : NamedPaths.of(paths.map((path) => Buffer.from(path)));
    yield* scan({ root: Buffer.from(base), named }, context);
  }

  async restore(entries: AsyncIterable<RestoreEntry>, request: RestoreRequest, context: RestoreContext): Promise<void> {
    const { target, stageNear } = await this.#place(request);
    const more = stageNear === undefined ? {} : { stageNear };
    const admitted = this.#admitted(entries, request, target, context);
    await restoreFiles(admitted, { target, policy: request.policy, context, ...more });
  }

  async *preview(
    entries: AsyncIterable<StoredEntry>,
    request: RestoreRequest,
    context: SourceContext,
  ): AsyncIterable<PreviewItem> {
    const { target } = await this.#place(request);
    yield* previewFiles(this.#admitted(entries, request, target, context), { target, policy: request.policy, context });
  }

  /** Holds nothing between calls. */
  async [Symbol.asyncDispose](): Promise<void> {}

  async #find(): Promise<{ readonly base: string; readonly items: readonly NamedItem[] }> {
    const base = await baseOf(this.#options.root, this.#options.host);
    return { base, items: await findItems(base, this.#options.paths, this.#options.host) };
  }

  /** In place, the staging lies beside what is named first: the base may well be `/`, which is not ours. */
  async #place({ target }: RestoreRequest): Promise<{ readonly target: string; readonly stageNear?: string }> {
    const { root, paths, host } = this.#options;
    if (target.kind !== 'inPlace') return { target: await directoryTarget(target, '/', host) };
    const base = await baseOf(root, host);
    for (const path of paths) {
      const folder = path === root ? path : dirname(path);
      if (await isAllowed(folder, host)) return { target: base, stageNear: await host.allowedPath(folder) };
    }
    return { target: base, stageNear: await host.allowedPath(paths[0] ?? base) };
  }

  /** In place, absolute paths come from the snapshot: they are held against the allowed roots like any other. */
  #admitted<E extends StoredEntry>(
    entries: AsyncIterable<E>,
    request: RestoreRequest,
    target: string,
    context: SourceContext,
  ): AsyncIterable<E> {
    const free = request.target.kind !== 'inPlace' || this.#options.root !== undefined;
    return free ? entries : allowedEntries(entries, target, this.#options.host, context);
  }
}
