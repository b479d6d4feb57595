/** Attributes of directories, kept in a file until everything is in place: no tree is too wide for it. */
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { EntryMetadata } from '../../../src/contracts/index.ts';
import { bytes } from './staging.ts';

const Line = z.object({
  /** Relative to the target; one character a byte (latin1). */
  path: z.string(),
  mode: z.number().optional(),
  uid: z.number().optional(),
  gid: z.number().optional(),
  mtimeNs: z.string().optional(),
  /** Names with values in base64. */
  attributes: z.array(z.tuple([z.string(), z.string()])),
});

export class DirectoryJournal {
  readonly #descriptor: number;

  /** Starts an empty one at `file`. */
  constructor(file: string) {
    this.#descriptor = openSync(bytes(file), 'wx', 0o600);
  }

  append(path: string, metadata: EntryMetadata): void {
    const line: z.input<typeof Line> = {
      path,
      mode: metadata.mode,
      uid: metadata.uid,
      gid: metadata.gid,
      mtimeNs: metadata.mtimeNs?.toString(),
      attributes: [...(metadata.extendedAttributes ?? [])].map(([name, value]) => [
        name,
        Buffer.from(value).toString('base64'),
      ]),
    };
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** What was written, in order. */
  static async *read(file: string): AsyncGenerator<{ readonly path: string; readonly metadata: EntryMetadata }> {
    const lines = createInterface({ input: createReadStream(bytes(file)), crlfDelay: Infinity });
    for await (const text of lines) {
      const { path, mode, uid, gid, mtimeNs, attributes } = Line.parse(JSON.parse(text));
      yield {
        path,
        metadata: {
          ...(mode === undefined ? {} : { mode }),
          ...(uid === undefined ? {} : { uid }),
          ...(gid === undefined ? {} : { gid }),
          ...(mtimeNs === undefined ? {} : { mtimeNs: BigInt(mtimeNs) }),
          extendedAttributes: new Map(attributes.map(([name, value]) => [name, Buffer.from(value, 'base64')])),
        },
      };
    }
  }
}
