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
  SourceEntry,
  StoredEntry,
} from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { NamedPaths } from '../directory/named-paths.ts';
import { previewFiles } from '../directory/preview.ts';
import { restoreFiles } from '../directory/restore-files.ts';
import { scan } from '../directory/scan.ts';
import { directoryTarget } from '../directory/target.ts';
import { reasonOf } from '../directory/warnings.ts';
import { baseOf, findItems, missing, presentItems, scopeOf } from './named-items.ts';
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

  async *read(_selection: ReadSelection, context: ReadContext): AsyncIterable<SourceEntry> {
    const { base, items } = await this.#find();
    const paths = presentItems(items, context).map((item) => item.relative);
    const named = paths.includes('') ? undefined : NamedPaths.of(paths.map((path) => Buffer.from(path)));
    yield* scan({ root: Buffer.from(base), named }, context);
  }

  async restore(entries: AsyncIterable<RestoreEntry>, request: RestoreRequest, context: RestoreContext): Promise<void> {
    await restoreFiles(entries, { ...(await this.#place(request)), policy: request.policy, context });
  }

  async *preview(
    entries: AsyncIterable<StoredEntry>,
    request: RestoreRequest,
    context: SourceContext,
  ): AsyncIterable<PreviewItem> {
    yield* previewFiles(entries, { ...(await this.#place(request)), policy: request.policy, context });
  }

  /** Holds nothing between calls. */
  async [Symbol.asyncDispose](): Promise<void> {}

  async #find(): Promise<{ readonly base: string; readonly items: readonly NamedItem[] }> {
    const base = await baseOf(this.#options.root, this.#options.host);
    return { base, items: await findItems(base, this.#options.paths, this.#options.host) };
  }

  /** In place, nothing is touched but what is named, and the staging lies beside the first item: `/` is not ours. */
  async #place({
    target,
  }: RestoreRequest): Promise<Pick<Parameters<typeof restoreFiles>[1], 'target' | 'stageNear' | 'scope'>> {
    if (target.kind !== 'inPlace') return { target: await directoryTarget(target, '/', this.#options.host) };
    const { base, items } = await this.#find();
    const first = items.find((item) => item.kind !== 'symlink');
    if (first === undefined) return { target: base, scope: scopeOf(items) };
    const stageNear = first.kind === 'directory' || first.relative === '' ? first.absolute : dirname(first.absolute);
    return { target: base, stageNear, scope: scopeOf(items) };
  }
}
