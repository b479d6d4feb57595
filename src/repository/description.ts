/** `repository.json`: what a repository is, in clear, authenticated by a key derived from the master key. */
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { StrongroomError } from '../errors.ts';
import { damaged } from './damage.ts';
import { FORMAT_VERSION, limits, objectKeys } from './format.ts';
import { hashBytes, KeyedHasher } from './hashing.ts';

const powerOfTwo = (least: number, most: number) =>
  z
    .int()
    .min(least)
    .max(most)
    .refine((value) => Number.isInteger(Math.log2(value)), 'must be a power of two');

const descriptionSchema = z.strictObject({
  format: z.literal(FORMAT_VERSION),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  createdAt: z.iso.datetime(),
  chunker: z
    .strictObject({
      name: z.literal('gear32'),
      min: powerOfTwo(4096, 2 ** 22),
      average: powerOfTwo(8192, 2 ** 22),
      max: powerOfTwo(16_384, 2 ** 23),
    })
    .refine(({ min, average, max }) => min <= average && average < max, 'min <= average < max'),
  packSize: z
    .int()
    .min(2 ** 20)
    .max(64 * 2 ** 20),
  blockSize: powerOfTwo(65_536, 2 ** 22),
  codecs: z.array(z.string().max(64)).min(1).max(32),
  compression: z.strictObject({
    codec: z.int().min(0).max(31),
    level: z.union([z.int(), z.literal('auto')]),
    configuration: z.record(z.string(), z.unknown()),
  }),
  encryptor: z.strictObject({ name: z.string().max(64), configuration: z.record(z.string(), z.unknown()) }),
});

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const storedSchema = descriptionSchema.extend({ checksum: hash, mac: hash });

/** A repository's own settings. All sizes in bytes. */
export type RepositoryDescription = z.output<typeof descriptionSchema>;

/** The object's bytes. @param key the derived key `description` */
export function encodeDescription(description: RepositoryDescription, key: Uint8Array): Buffer {
  const canonical = canonicalOf(description);
  const checksum = hashBytes(canonical).toString('hex');
  const mac = new KeyedHasher(key).hash(canonical).toString('hex');
  return Buffer.from(`${JSON.stringify({ ...description, checksum, mac }, null, 2)}\n`);
}

/** Parsed, but not yet authenticated: that needs a key, see `checkDescription`. */
export interface UncheckedDescription {
  readonly description: RepositoryDescription;
  readonly mac: Buffer;
}

/** Throws `REPOSITORY_VERSION` for another format, `REPOSITORY_DAMAGED` for anything that is not a description. */
export function decodeDescription(bytes: Uint8Array): UncheckedDescription {
  const json = parseJson(bytes);
  const version = z.looseObject({ format: z.int() }).safeParse(json);
  if (version.success && version.data.format !== FORMAT_VERSION) {
    throw new StrongroomError('REPOSITORY_VERSION', { found: version.data.format, expected: FORMAT_VERSION });
  }
  const parsed = storedSchema.safeParse(json);
  if (!parsed.success) throw damaged(objectKeys.description, 0, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { checksum, mac, ...description } = parsed.data;
  if (hashBytes(canonicalOf(description)).toString('hex') !== checksum) {
    throw damaged(objectKeys.description, 0, 'its checksum is wrong');
  }
  return { description, mac: Buffer.from(mac, 'hex') };
}

/** Throws `REPOSITORY_DAMAGED` if the description is not the one that was written. */
export function checkDescription({ description, mac }: UncheckedDescription, key: Uint8Array): void {
  if (!timingSafeEqual(new KeyedHasher(key).hash(canonicalOf(description)), mac)) {
    throw damaged(objectKeys.description, 0, 'it was changed after it was written');
  }
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > limits.description) throw damaged(objectKeys.description, limits.description, 'it is too long');
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw damaged(objectKeys.description, 0, 'it is not JSON', error);
  }
}

/** The bytes that checksum and authentication code are over. */
function canonicalOf(description: RepositoryDescription): Buffer {
  const { format, id, createdAt, chunker, packSize, blockSize, codecs, compression, encryptor } = description;
  const canonical = {
    format,
    id,
    createdAt,
    chunker: { name: chunker.name, min: chunker.min, average: chunker.average, max: chunker.max },
    packSize,
    blockSize,
    codecs,
    compression: {
      codec: compression.codec,
      level: compression.level,
      configuration: sorted(compression.configuration),
    },
    encryptor: { name: encryptor.name, configuration: sorted(encryptor.configuration) },
  };
  return Buffer.from(JSON.stringify(canonical));
}

/** The same value with the keys of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
