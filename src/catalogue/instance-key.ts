/** The key with which an instance seals the secrets in its catalogue. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { StrongroomError } from '../errors.ts';
import { readOrCreatePrivateFile } from './private-file.ts';
import { INSTANCE_KEY_BYTES } from './sealing.ts';

/** Name of the key's file in the data directory: 64 hexadecimal digits and a line end. */
const INSTANCE_KEY_FILE = 'instance.key';

/**
 * The configured key, else that of the data directory's file, which is made on first start. Throws
 * `CONFIGURATION_INVALID` when the file holds something else or others may read it.
 */
export async function loadInstanceKey(config: {
  readonly secretKey: Uint8Array | undefined;
  readonly dataDirectory: string;
}): Promise<Uint8Array> {
  if (config.secretKey !== undefined) return config.secretKey;
  const path = join(config.dataDirectory, INSTANCE_KEY_FILE);
  const text = await readOrCreatePrivateFile(path, () => `${randomBytes(INSTANCE_KEY_BYTES).toString('hex')}\n`);
  if (!/^[0-9a-f]{64}\s*$/i.test(text)) {
    const reason = `the file ${path} must hold 64 hexadecimal digits and nothing else.`;
    throw new StrongroomError('CONFIGURATION_INVALID', { reason });
  }
  return new Uint8Array(Buffer.from(text.trim(), 'hex'));
}
