/** The operations `restore` and `previewRestore`. */
import { join } from 'node:path';
import {
  pathToText,
  type PreviewItem,
  type ReadableEntry,
  type RestoreEntry,
  type RestoreRequest,
  type Source,
  type TableInfo,
  type Warning,
} from '../contracts/index.ts';
import { asStrongroomError, StrongroomError } from '../errors.ts';
import {
  ChunkLocator,
  contentFolder,
  isDamage,
  type LocatedEntry,
  type OpenedRepository,
  readableEntry,
  readSnapshot,
  RestoreReader,
  snapshotName,
  walkSource,
  Warnings,
} from '../repository/index.ts';
import type { PreviewInput, PreviewResult, RestoreInput, RestoreResult } from './operations.ts';
import type { Run } from './run.ts';
import { endingWith } from './ending-storage.ts';
import { RestoreJournal, type SourceOutcome } from './restore-journal.ts';
import { type SelectedSource, selectSources } from './selection.ts';
import type { Workshop } from './workshop.ts';

/** Puts back what is selected, source by source. */
export async function restore(workshop: Workshop, input: RestoreInput, run: Run): Promise<RestoreResult> {
  return workshop.withRepository(input.repository, async (opened) => {
    const repository = { ...opened, storage: endingWith(opened.storage, run.signal) };
    const { selected, locator } = await open(repository, input);
    expectSelected(selected, run);
    await refuseUnable(workshop, input, selected);
    const { dataDirectory } = workshop.settings;
    await using journal = await RestoreJournal.open(dataDirectory, input.restoreId, new Date());
    if (input.policy === 'FAIL' && selected.length > 1 && !journal.begun) {
      await refuseConflicts(workshop, input, selected, locator, run);
    }
    await journal.begin();
    await using pool = workshop.readingLanes(repository, run);
    const reader = new RestoreReader(repository, locator, pool);
    const tables: TableInfo[] = [];
    let previousKept = false;
    run.enter('WRITING');
    let restored = 0;
    let damage: StrongroomError | undefined;
    for (const [position, part] of selected.entries()) {
      const { name } = part.source;
      const durable = position < selected.length - 1;
      try {
        const before = journal.outcome(name);
        if (before !== undefined) run.takeOver(before);
        const outcome = before ?? (await restoreSource(workshop, input, part, locator, reader, run, durable));
        if (before === undefined) await journal.add(name, outcome, durable || !awaitsNoDisk(part, input));
        tables.push(...outcome.tables);
        previousKept ||= outcome.previousKept === true;
        restored += 1;
      } catch (error) {
        // What is wrong with one source must not keep the others from coming back.
        if (!isDamage(error)) throw error;
        damage ??= error;
        run.warnings.add({ code: error.code, subject: pathOf(part.source), message: error.message });
      }
    }
    if (restored === 0 && damage !== undefined) throw damage;
    return {
      files: run.counters.itemsDone,
      bytes: run.counters.bytesDone,
      tables,
      previousKept,
      warnings: run.warnings.kept,
      warningCount: run.warnings.count,
    };
  });
}

/** Whether a source leaves it to the system when what it restored reaches the disk, unless told otherwise (docs/decisions/0054). */
const awaitsNoDisk = ({ source }: SelectedSource, { policy, target }: RestoreInput): boolean =>
  policy === 'FAIL' && (target.kind === 'directory' || source.content !== 'DATABASE');

/** Says what `restore` would do. */
export async function previewRestore(workshop: Workshop, input: PreviewInput, run: Run): Promise<PreviewResult> {
  return workshop.withRepository(input.repository, async (repository) => {
    const { selected, locator } = await open(repository, input);
    await refuseUnable(workshop, input, selected);
    const items: (PreviewItem & { source: string })[] = [];
    const counts = { ADD: 0, CHANGE: 0, KEEP: 0, DROP: 0, CONFLICT: 0, NOTE: 0 };
    let bytes = 0;
    for (const part of selected) {
      for await (const item of previewSource(workshop, input, part, locator, run)) {
        counts[item.action] += 1;
        if (item.action === 'ADD' || item.action === 'CHANGE') bytes += item.bytes;
        if (items.length < ITEMS_SHOWN) items.push({ ...item, source: part.source.name });
      }
    }
    return { items, counts, bytes };
  });
}

const ITEMS_SHOWN = 1000;
const WARNINGS_KEPT = 1000;

async function open(
  repository: OpenedRepository,
  input: RestoreInput,
): Promise<{ readonly selected: readonly SelectedSource[]; readonly locator: ChunkLocator }> {
  const snapshot = await readSnapshot(repository, snapshotName(input.snapshotId));
  const locator = await ChunkLocator.open(repository);
  return { selected: await selectSources(snapshot, input.selection, locator), locator };
}

function expectSelected(selected: readonly SelectedSource[], run: Run): void {
  // How much a part of a source holds is not known before it is walked.
  if (selected.some(({ paths }) => paths.length > 0)) return;
  for (const { source } of selected) run.expect({ items: source.files, bytes: source.bytes });
}

/** Throws `RESTORE_TARGET_UNSUITABLE` where a source can't restore chosen tables, or keep what it replaces, and that is asked for. */
async function refuseUnable(
  workshop: Workshop,
  input: RestoreInput,
  selected: readonly SelectedSource[],
): Promise<void> {
  if (input.includeTables === undefined && !input.keepPrevious) return;
  for (const part of selected) {
    const { content, name } = part.source;
    await using source = (await receiver(workshop, input, part)).plugin;
    if (input.includeTables !== undefined && source.restoresTables !== true) {
      throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: `${name} can only be restored as a whole` });
    }
    if (input.keepPrevious && content === 'DATABASE' && source.revert === undefined) {
      throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: `${name} can't keep what it replaces` });
    }
  }
}

/** The plugin that takes the entries, and where it puts them. */
async function receiver(
  workshop: Workshop,
  input: RestoreInput,
  { source }: SelectedSource,
): Promise<{ readonly plugin: Source; readonly request: RestoreRequest }> {
  const { target, policy } = input;
  if (target.kind === 'directory') {
    const path = join(target.path, contentFolder(source.content), source.name);
    const plugin = await workshop.source({ plugin: 'directory', configuration: { path } });
    return { plugin, request: { target: { kind: 'directory', path }, policy, tables: source.tables } };
  }
  const tables = input.includeTables === undefined ? {} : { includeTables: input.includeTables };
  const choice = input.sources.find(({ name }) => name === source.name);
  if (choice === undefined) {
    const reason = `the workload has no source ${source.name} any more; restore it into a directory.`;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
  }
  return { plugin: await workshop.source(choice), request: { target, policy, tables: source.tables, ...tables } };
}

async function restoreSource(
  workshop: Workshop,
  input: RestoreInput,
  part: SelectedSource,
  locator: ChunkLocator,
  reader: RestoreReader,
  run: Run,
  durable: boolean,
): Promise<SourceOutcome> {
  const { plugin, request } = await receiver(workshop, input, part);
  await using source = plugin;
  const { itemsDone, bytesDone } = run.counters;
  const { count } = run.warnings;
  const warnings: Warning[] = [];
  let previousKept = false;
  const tables = new Map<string, TableInfo>();
  const warn = (warning: Warning): void => {
    run.warnings.add(warning);
    if (warnings.length < WARNINGS_KEPT) warnings.push(warning);
  };
  const listeners = { warn };
  await workshop.withContext(`${input.restoreId}-${part.source.name}`, run.signal, listeners, async (context) => {
    const entries = restoreEntries(walk(part, locator, warn), reader);
    await source.restore(entries, request, {
      ...context,
      restoreId: input.restoreId,
      durable,
      keepPrevious: input.keepPrevious && source.revert !== undefined,
      done: ({ path, kind, bytes }) => {
        if (kind === 'file') run.counters.itemsDone += 1;
        run.counters.bytesDone += bytes;
        run.counters.currentItem = pathToText(path);
      },
      step: (what) => void (run.counters.currentItem = what),
      table: (info) => void tables.set(info.name, info),
      kept: () => void (previousKept = true),
    });
  });
  return {
    files: run.counters.itemsDone - itemsDone,
    bytes: run.counters.bytesDone - bytesDone,
    tables: [...tables.values()],
    previousKept,
    warnings,
    warningCount: run.warnings.count - count,
  };
}

async function* previewSource(
  workshop: Workshop,
  input: PreviewInput,
  part: SelectedSource,
  locator: ChunkLocator,
  run: Pick<Run, 'signal' | 'warnings'>,
): AsyncGenerator<PreviewItem> {
  const { plugin, request } = await receiver(workshop, input, part);
  await using source = plugin;
  const context = {
    signal: run.signal,
    scratch: workshop.settings.dataDirectory,
    warn: run.warnings.add.bind(run.warnings),
    expect: () => undefined,
  };
  const entries = readableEntries(walk(part, locator, context.warn), locator);
  yield* source.preview(entries, { ...request, exactRows: input.exactRows === true }, context);
}

async function refuseConflicts(
  workshop: Workshop,
  input: RestoreInput,
  selected: readonly SelectedSource[],
  locator: ChunkLocator,
  run: Run,
): Promise<void> {
  const unheard = { signal: run.signal, warnings: new Warnings() };
  let count = 0;
  let first = '';
  for (const part of selected) {
    try {
      for await (const { action, subject } of previewSource(workshop, input, part, locator, unheard)) {
        if (action !== 'CONFLICT') continue;
        if (count === 0) first = subject;
        count += 1;
      }
    } catch (error) {
      // The restore itself says what is damaged.
      if (!isDamage(error)) throw error;
    }
  }
  if (count > 0) throw new StrongroomError('RESTORE_CONFLICT', { count, first });
}

/** Entries of a source; what can't be read of its trees becomes a warning. */
function walk(
  { source, paths }: SelectedSource,
  locator: ChunkLocator,
  warn: (warning: Warning) => void,
): AsyncGenerator<LocatedEntry> {
  return walkSource(source, locator, paths, (path, error) => {
    if (!isDamage(error)) throw error;
    const subject = `${pathOf(source)}/${pathToText(path)}`;
    warn({ code: 'REPOSITORY_DAMAGED', subject, message: asStrongroomError(error).message });
  });
}

const pathOf = ({ content, name }: SelectedSource['source']): string => `/${contentFolder(content)}/${name}`;

async function* restoreEntries(
  entries: AsyncIterable<LocatedEntry>,
  reader: RestoreReader,
): AsyncGenerator<RestoreEntry> {
  for await (const entry of entries) yield reader.entry(entry);
}

async function* readableEntries(
  entries: AsyncIterable<LocatedEntry>,
  locator: ChunkLocator,
): AsyncGenerator<ReadableEntry> {
  for await (const entry of entries) yield readableEntry(entry, locator);
}
