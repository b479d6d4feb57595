/** The source over one directory. */
import { access, constants, lstat } from 'node:fs/promises';
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
import { discoverDirectory } from './discover.ts';
import type { PathFilter, Verdict } from './path-filter.ts';
import { previewFiles } from './preview.ts';
import { restoreFiles } from './restore-files.ts';
import { scan } from './scan.ts';
import { directoryTarget } from './target.ts';
import { isDenied, isMissing, reasonOf } from './warnings.ts';

export interface DirectorySourceOptions {
  readonly path: string;
  readonly filter: PathFilter | undefined;
  readonly rootVerdict: Verdict;
  readonly oneFileSystem: boolean | undefined;
  readonly host: PluginHost;
}

export class DirectorySource implements Source {
  readonly #options: DirectorySourceOptions;

  constructor(options: DirectorySourceOptions) {
    this.#options = options;
  }

  async check(_context: SourceContext): Promise<void> {
    const root = await this.#root();
    await proveReadable(root, root);
  }

  async *discover(context: SourceContext): AsyncIterable<DiscoveredItem> {
    const root = await this.#root();
    await proveReadable(root, root);
    yield* await discoverDirectory(root, context);
  }

  async *read(_selection: ReadSelection, context: ReadContext): AsyncIterable<SourceYield> {
    const { filter, rootVerdict, oneFileSystem, host } = this.#options;
    const root = await this.#root();
    const leftOut = below(root, await host.ownData?.());
    yield* scan({ root: Buffer.from(root), filter, rootVerdict, oneFileSystem, leftOut }, context);
  }

  async restore(entries: AsyncIterable<RestoreEntry>, request: RestoreRequest, context: RestoreContext): Promise<void> {
    const target = await directoryTarget(request.target, this.#options.path, this.#options.host);
    await restoreFiles(entries, { target, policy: request.policy, context });
  }

  async *preview(
    entries: AsyncIterable<StoredEntry>,
    request: RestoreRequest,
    context: SourceContext,
  ): AsyncIterable<PreviewItem> {
    const target = await directoryTarget(request.target, this.#options.path, this.#options.host);
    yield* previewFiles(entries, { target, policy: request.policy, context });
  }

  /** Holds nothing between calls. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #root(): Promise<string> {
    return this.#options.host.allowedPath(this.#options.path);
  }
}

/** The path of `folder` from `root` if it lies below, one character a byte. */
function below(root: string, folder: string | undefined): string | undefined {
  const prefix = root.endsWith('/') ? root : `${root}/`;
  if (folder === undefined || !folder.startsWith(prefix)) return undefined;
  return Buffer.from(folder.slice(prefix.length)).toString('latin1');
}

/** Throws `SOURCE_MISSING` or `SOURCE_DENIED` unless `path` is a directory that can be listed. */
async function proveReadable(path: string, subject: string): Promise<void> {
  try {
    if (!(await lstat(path)).isDirectory()) throw new StrongroomError('SOURCE_MISSING', { subject });
    await access(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (isMissing(error)) throw new StrongroomError('SOURCE_MISSING', { subject }, { cause: error });
    if (isDenied(error))
      throw new StrongroomError('SOURCE_DENIED', { subject, reason: reasonOf(error) }, { cause: error });
    throw error;
  }
}
