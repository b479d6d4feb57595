/** `strongroom repository create | attach` */
import type { ApiClient } from '../../api/client.ts';
import type { GraphQLOperation } from '../../api/operation.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { gatherSettings, withSettings } from '../../input/plugin-settings.ts';
import type { SettingOptions } from '../../input/plugin-settings.ts';
import { gatherKey, withKey } from '../../input/repository-key.ts';
import type { GatheredKey, KeyOptions } from '../../input/repository-key.ts';
import { wholeNumber } from '../../input/values.ts';
import type { Session } from '../../session.ts';
import { findPlugin } from '../plugin.ts';
import { present } from '../shared.ts';
import { attachRepository, createRepository } from './documents.ts';
import type { Repository } from './documents.ts';
import { type LimitOptions, limitsInput, withLimits } from './limits.ts';
import { generatedLines, repositoryLines } from './text.ts';

interface PlaceOptions extends SettingOptions, KeyOptions, LimitOptions {
  readonly storage: string;
  readonly encryption?: boolean;
}

interface CreateOptions extends PlaceOptions {
  readonly compressor?: string;
  readonly compressionLevel?: number;
  readonly encryptor?: string;
}

type Change = GraphQLOperation<{ readonly repository: Repository }, { readonly input: object }>;

async function make(
  session: Session,
  api: ApiClient,
  change: Change,
  input: object,
  { key, generated }: GatheredKey,
): Promise<undefined> {
  const { repository } = await api.run(change, { input: { ...input, ...key } });
  const answer = generated === undefined ? repository : { ...repository, passphrase: generated };
  session.output.result(answer, () => [...repositoryLines(session, repository), ...generatedLines(generated)]);
  return undefined;
}

const noKey: GatheredKey = { key: {} };

async function create(session: Session, name: string, options: CreateOptions): Promise<undefined> {
  const api = await session.api();
  const plugin = await findPlugin(api, 'STORAGE', options.storage);
  const configuration = await gatherSettings(session, plugin, options, { complete: true });
  const encryptor = options.encryption === false ? 'none' : options.encryptor;
  const key = encryptor === 'none' ? noKey : await gatherKey(session, options, { fresh: true });
  const chosen = (one: string | undefined) => (one === undefined ? undefined : { plugin: one, configuration: {} });
  const input = present({
    name,
    storage: { plugin: plugin.name, configuration },
    compressor: chosen(options.compressor),
    compressionLevel: options.compressionLevel,
    encryptor: chosen(encryptor),
    ...limitsInput(options),
  });
  return make(session, api, createRepository, input, key);
}

async function attach(session: Session, name: string, options: PlaceOptions): Promise<undefined> {
  const api = await session.api();
  const plugin = await findPlugin(api, 'STORAGE', options.storage);
  const configuration = await gatherSettings(session, plugin, options, { complete: true });
  const key = options.encryption === false ? noKey : await gatherKey(session, options, { fresh: false });
  const input = present({ name, storage: { plugin: plugin.name, configuration }, ...limitsInput(options) });
  return make(session, api, attachRepository, input, key);
}

const withPlace = (command: StrongroomCommand): StrongroomCommand =>
  withLimits(
    withSettings(
      command
        .argument('<name>', 'its name here')
        .option('--storage <plugin>', 'where it lies; --set gives its configuration', 'filesystem'),
    ),
  );

export function addRepositoryCreation(group: StrongroomCommand, action: MakeAction): void {
  withKey(
    withPlace(
      group.command('create').description('Makes an empty repository; without any of its keys it can never be read.'),
    ),
    { fresh: true },
  )
    .option('--compressor <plugin>', 'how data is made smaller; zstd otherwise')
    .option(
      '--compression-level <level>',
      'level for the compressor; by default the one that suits each block',
      wholeNumber(0, 1000),
    )
    .option('--encryptor <plugin>', 'how data is sealed; aes-256-gcm otherwise')
    .option('--no-encryption', 'store everything readable by anybody who can read the storage')
    .example('strongroom repository create vault --set path=/backups', 'Make one in a folder; asks for a passphrase')
    .example('strongroom repository create vault --set path=/backups --generate-passphrase', 'Let a passphrase be made')
    .example(
      'strongroom repository create vault --set path=/backups --passphrase-file - --compressor zstd --compression-level 9',
      'Read the passphrase from standard input',
    )
    .example(
      'strongroom repository create vault --set path=/mnt/remote --generate-passphrase --limit-upload 10MiB/s',
      'Leave room on the line to its storage',
    )
    .action(action(create));
  withKey(withPlace(group.command('attach').description('Makes a repository known that exists already.')), {
    fresh: false,
  })
    .option('--no-encryption', 'it is not encrypted and needs no key')
    .example(
      'strongroom repository attach vault --set path=/mnt/backups --passphrase-file ./passphrase',
      'Use the repository of another machine',
    )
    .action(action(attach));
}
