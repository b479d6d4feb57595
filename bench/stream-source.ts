/** A source of one stream: the content of a file, as a database's dump program would write it into a pipe. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { defineSource, z } from 'strongroom/contracts';
import type { Source } from 'strongroom/contracts';

export default defineSource({
  name: 'stream',
  version: '1.0.0',
  contractVersion: 1,
  description: 'The content of one file, as a stream.',
  content: 'DATABASE',
  configuration: z.strictObject({ path: z.string() }),
  create: async ({ path }): Promise<Source> => ({
    check: async () => void (await stat(path)),
    async *discover() {
      yield { kind: 'file', name: path, bytes: (await stat(path)).size };
    },
    async *read(_selection, { expect }) {
      expect({ items: 1, bytes: (await stat(path)).size });
      yield { kind: 'directory', path: Buffer.alloc(0), metadata: {} };
      const stream = (signal: AbortSignal) => createReadStream(path, { highWaterMark: 2 ** 20, signal });
      yield { kind: 'file', path: Buffer.from('dump'), metadata: {}, content: { stream } };
    },
    async restore() {
      throw new Error('It is restored into directories only.');
    },
    async *preview() {},
    [Symbol.asyncDispose]: async () => undefined,
  }),
});
