/** Every error code, once: what it says, what to do about it, and how callers should treat it. Others import it from `errors.ts`. */

/**
 * How callers treat an error: `input` the caller's words are wrong, `missing` the object named is not there,
 * `conflict` the state does not allow it now, `access` not allowed, `damage` stored data is not what was stored,
 * `unavailable` something outside is out of reach or out of space and a retry may help, `cancelled` somebody asked for it,
 * `internal` a defect of Strongroom.
 */
export type ErrorCategory =
  | 'input'
  | 'missing'
  | 'conflict'
  | 'access'
  | 'damage'
  | 'unavailable'
  | 'cancelled'
  | 'internal';

interface ErrorEntry {
  readonly category: ErrorCategory;
  /** The message; `{name}` stands for a detail. */
  readonly message: string;
  /** What to do. */
  readonly help: string;
}

const entry = (category: ErrorCategory, message: string, help: string): ErrorEntry => ({ category, message, help });

/** The catalogue. Codes are never renamed or given another meaning. `docs/errors.md` is generated from it. */
export const errorCatalogue = {
  // What callers say
  INPUT_INVALID: entry('input', '{field}: {reason}', 'Correct the field and send the request again.'),
  CONFIGURATION_INVALID: entry(
    'input',
    'The configuration is wrong: {reason}',
    'Correct the environment variable or file named, then start again.',
  ),
  OBJECT_NOT_FOUND: entry('missing', 'There is no {type} {id}.', 'List the objects of that type to see what there is.'),
  NAME_TAKEN: entry('conflict', 'There is already a {type} named {name}.', 'Choose another name.'),
  STATE_CONFLICT: entry(
    'conflict',
    'The {type} {id} is {state}: {reason}',
    'Wait until its state allows it, then try again.',
  ),
  QUERY_TOO_COSTLY: entry(
    'input',
    'The request is too large: its {measure} is {found}, the limit is {limit}.',
    'Ask for less at once: fewer fields, smaller pages, several requests.',
  ),
  UNAUTHENTICATED: entry(
    'access',
    'This needs a valid access token.',
    'Send the header "Authorization: Bearer <token>".',
  ),
  DOWNLOAD_LINK_INVALID: entry(
    'access',
    'This download link is not valid, or it has expired.',
    'Ask for a new one with "downloadUrl"; it is good for ten minutes.',
  ),
  REQUEST_UNSUPPORTED: entry(
    'input',
    "The request can't be served: {reason}",
    'Send a POST with the content type application/json, or a GET, to /graphql.',
  ),
  SERVER_ADDRESS: entry(
    'conflict',
    "The service can't listen at {address}: {reason}.",
    'Stop what listens there, or choose another place with STRONGROOM_HOST and STRONGROOM_PORT.',
  ),
  SERVER_BUSY: entry('unavailable', "The service can't take this request now.", 'Send it again in some seconds.'),
  FORBIDDEN: entry('access', 'This token may not {action}.', 'Use a token with that right.'),
  PATH_NOT_ALLOWED: entry(
    'access',
    'The path {path} lies outside the allowed roots.',
    'Add a root that holds it to STRONGROOM_ROOTS, or choose another path.',
  ),
  CANCELLED: entry('cancelled', 'It was cancelled.', 'Start it again if that was not intended.'),
  INTERNAL: entry(
    'internal',
    'Something went wrong inside Strongroom: {reason}',
    'Report it with the log of that moment.',
  ),

  // The command line
  USAGE: entry('input', '{reason}', 'See "{command} --help".'),
  NAME_AMBIGUOUS: entry('input', 'There are {count} {type}s named {name}.', 'Name the one you mean by its id: {ids}.'),
  SERVER_UNREACHABLE: entry(
    'unavailable',
    'No Strongroom answers at {url}: {reason}',
    'Start it with "strongroom serve", or give its address with --url or STRONGROOM_URL.',
  ),
  SERVER_ANSWER: entry(
    'unavailable',
    'The server at {url} does not answer like a Strongroom: {reason}',
    'Check the address: something else may listen there, or a Strongroom of another version.',
  ),
  TOKEN_REFUSED: entry(
    'access',
    'The server at {url} needs a valid access token: {reason}',
    'Put the token into STRONGROOM_TOKEN, or into a file named with --token-file.',
  ),

  // The catalogue
  CATALOGUE_UNAVAILABLE: entry(
    'unavailable',
    "The catalogue can't be reached: {reason}",
    'Check that its PostgreSQL server is up and reachable, and DATABASE_URL if it is set.',
  ),
  CATALOGUE_MIGRATION: entry(
    'conflict',
    "The catalogue can't be brought up to date: {reason}",
    'Start the Strongroom version that the catalogue was last used with, or mend what it says; backups in the repositories are not touched.',
  ),
  CATALOGUE_IN_USE: entry(
    'conflict',
    'The data directory {directory} is in use by another Strongroom (process {process}).',
    'Stop that one, or choose another directory with STRONGROOM_DATA_DIR.',
  ),
  CATALOGUE_NOT_RUNNING: entry(
    'unavailable',
    'No service runs on the data directory {directory}.',
    'Start "strongroom serve" on it first, or give both the same DATABASE_URL.',
  ),
  SECRETS_UNREADABLE: entry(
    'access',
    "The secrets of {subject} can't be opened: {reason}",
    'Start with the instance key they were sealed with: STRONGROOM_SECRET_KEY, or the file instance.key of the data directory.',
  ),

  // Runs
  RUN_ABANDONED: entry(
    'internal',
    'The run was given up after {attempts} attempts: its worker ended each time without a word.',
    'Look at the log and the memory of the worker, then retry.',
  ),

  // Plugins
  PLUGIN_UNKNOWN: entry(
    'input',
    'There is no {kind} plugin named {name}; loaded are: {known}.',
    'Choose a loaded plugin, or name its module in STRONGROOM_PLUGINS.',
  ),
  PLUGIN_INVALID: entry(
    'input',
    "The plugin {module} can't be loaded: {reason}",
    'Correct the plugin, or take it out of STRONGROOM_PLUGINS.',
  ),
  PLUGIN_CONTRACT: entry(
    'input',
    'The plugin {module} is written for contract version {found}, this Strongroom has version {expected}.',
    'Install a version of the plugin made for contract version {expected}.',
  ),
  PLUGIN_DUPLICATE: entry(
    'input',
    'Two {kind} plugins are named {name}: {first} and {second}.',
    'Take one of them out of STRONGROOM_PLUGINS.',
  ),

  // Storage targets
  STORAGE_KEY_INVALID: entry(
    'internal',
    'The object key {key} is not allowed.',
    'Report it: keys are made by Strongroom alone.',
  ),
  STORAGE_OBJECT_MISSING: entry(
    'damage',
    'The object {key} is missing.',
    'Verify the repository to learn which backups it touches.',
  ),
  STORAGE_FULL: entry(
    'unavailable',
    'The storage is full while writing {key}.',
    'Make room on the storage target; the run is taken up again where it was.',
  ),
  STORAGE_DENIED: entry(
    'access',
    'The storage refuses {operation}: {reason}',
    'Give the account of Strongroom the right to read and write there.',
  ),
  STORAGE_UNAVAILABLE: entry(
    'unavailable',
    "The storage can't be reached: {reason}",
    'Check that it is up and reachable; the run is tried again.',
  ),

  // Repositories
  REPOSITORY_MISSING: entry(
    'missing',
    'There is no repository at {location}.',
    'Check the storage configuration, or create the repository.',
  ),
  REPOSITORY_PLACE_OCCUPIED: entry(
    'conflict',
    'There is something else at {location}, for instance {object}; nothing was written.',
    'Choose an empty place for a new repository.',
  ),
  REPOSITORY_ATTACHED: entry(
    'conflict',
    'This repository is attached already, under the name {name}.',
    'Use it under that name.',
  ),
  REPOSITORY_EXISTS: entry(
    'conflict',
    'There is already a repository at {location}.',
    'Attach it instead, or choose an empty place.',
  ),
  REPOSITORY_VERSION: entry(
    'conflict',
    'The repository has format version {found}, this Strongroom reads version {expected}.',
    'Use a Strongroom that reads that version.',
  ),
  REPOSITORY_CODEC: entry(
    'conflict',
    'The repository needs the {kind} {name}, which is not loaded.',
    'Load the plugin that provides it.',
  ),
  REPOSITORY_MISMATCH: entry(
    'conflict',
    'The repository there has the id {found}, expected was {expected}.',
    'Check the storage configuration: it leads to another repository.',
  ),
  REPOSITORY_KEY_WRONG: entry(
    'access',
    'The {kind} does not open the repository.',
    'Give the passphrase or key file of one of its key slots.',
  ),
  REPOSITORY_KEY_LAST: entry(
    'conflict',
    'The key slot {slot} is the last one.',
    'Add another key first: without any, nothing can ever be read.',
  ),
  REPOSITORY_DAMAGED: entry(
    'damage',
    'The object {object} is damaged at byte {offset}: {reason}',
    'Verify the repository to learn which backups it touches; restore the rest.',
  ),
  BLOCK_UNREADABLE: entry(
    'damage',
    "A block can't be opened: {reason}",
    'Verify the repository to learn which backups it touches.',
  ),
  SNAPSHOT_NOT_FOUND: entry('missing', 'The repository holds no snapshot {id}.', 'List the backups of the repository.'),
  SNAPSHOT_PATH_NOT_FOUND: entry('missing', 'The backup holds nothing at {path}.', 'List the folder above it.'),

  // Sources and restores
  SOURCE_UNAVAILABLE: entry(
    'unavailable',
    "The source can't be reached: {reason}",
    'Check that it is up and reachable; the run is tried again.',
  ),
  SOURCE_MISSING: entry('missing', 'The source {subject} is not there.', 'Check the configuration of the source.'),
  SOURCE_DENIED: entry(
    'access',
    'The source refuses access to {subject}: {reason}',
    'Give the account of Strongroom the right to read it.',
  ),
  SOURCE_LOCKED: entry(
    'unavailable',
    'The {subject} is locked by others: {holder}.',
    'Wait until they are done, or end them, then try again.',
  ),
  SOURCE_DAMAGED: entry(
    'damage',
    'The source {subject} is damaged: {reason}',
    'Repair it, or restore it from an earlier backup.',
  ),
  SOURCE_TOOL_MISSING: entry(
    'missing',
    'The program {tool} is needed and not installed.',
    'Install {package}, then start it again.',
  ),
  SOURCE_TOOL_FAILED: entry(
    'unavailable',
    'The program {tool} failed: {reason}',
    'Mend what it says; the run is tried again.',
  ),
  SOURCE_TOOL_TOO_OLD: entry(
    'conflict',
    'The program {tool} has version {found}, the server has version {needed}.',
    'Install {tool} of version {needed} or newer.',
  ),
  SOURCE_FILE_UNREADABLE: entry(
    'unavailable',
    "The file {path} can't be read: {reason}",
    'Give the account of Strongroom the right to read it.',
  ),
  SOURCE_FILE_CHANGED: entry(
    'unavailable',
    'The file {path} changed while it was read.',
    'Back it up again while it is quiet, or use a source that knows its format.',
  ),
  SOURCE_INCONSISTENT: entry(
    'unavailable',
    'The {subject} is backed up, but not exactly as it was: {reason}.',
    'The documentation of the source says what can be done about it.',
  ),
  SOURCE_FILE_VANISHED: entry(
    'unavailable',
    'The file {path} vanished before it could be read.',
    'Nothing, if it was meant to go.',
  ),
  SOURCE_FILE_SPECIAL: entry(
    'unavailable',
    'The entry {path} is a {type}, which is not backed up.',
    'Exclude it to have no warning.',
  ),
  SOURCE_ENTRY_INVALID: entry(
    'internal',
    'The source handed over the entry {path} against its contract: {reason}',
    'Report it to the author of the source plugin.',
  ),
  RESTORE_CONFLICT: entry(
    'conflict',
    '{count} things are already there, the first is {first}; nothing was changed.',
    'Choose OVERWRITE or SKIP, or another target.',
  ),
  RESTORE_TARGET_UNSUITABLE: entry('input', "The restore can't go there: {reason}", 'Choose another target.'),
  RESTORE_FAILED: entry(
    'unavailable',
    'The restore failed at {subject}: {reason}',
    'Mend what it says; what was there before is unchanged.',
  ),
  RESTORE_SKIPPED: entry(
    'conflict',
    '{path} was not restored: {reason}.',
    'Choose OVERWRITE or another target, if it is wanted.',
  ),
  RESTORE_ATTRIBUTE: entry(
    'unavailable',
    '{attribute} of {path} could not be set: {reason}',
    'Restore as a user who may set it, or set it by hand.',
  ),
  RESTORE_NOT_KEPT: entry(
    'conflict',
    'What restore {restore} replaced is not kept.',
    'It was dropped or brought back already; restore an older backup instead.',
  ),
  NOTIFIER_UNAVAILABLE: entry(
    'unavailable',
    'The notification could not be delivered: {reason}',
    'Check the configuration of the notifier.',
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The details that the message and help of a code name. */
export type ErrorDetails<C extends ErrorCode> = Record<
  Placeholders<(typeof errorCatalogue)[C]['message'] | (typeof errorCatalogue)[C]['help']>,
  string | number
>;
