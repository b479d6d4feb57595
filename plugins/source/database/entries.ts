/** Entries of what a source makes itself. */
import type { SourceEntry } from '../../../src/contracts/index.ts';

/** A directory that nobody else may look into. */
export const directoryEntry = (path: string): SourceEntry => ({
  kind: 'directory',
  path: Buffer.from(path),
  metadata: { mode: 0o700 },
});

/** A file whose content is at hand. */
export const fileEntry = (path: string, content: readonly Uint8Array[]): SourceEntry => ({
  kind: 'file',
  path: Buffer.from(path),
  metadata: { mode: 0o600 },
  content: {
    async *stream() {
      yield* content;
    },
  },
});
