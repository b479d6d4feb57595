/** What the host and the engine's threads say to each other. */
import type { ErrorData } from '../errors.ts';
import type { EngineInput, EngineOperation, EngineOutput, Progress, RepositoryAccess } from './operations.ts';

/** Host to thread. */
export type HostMessage =
  | { readonly kind: 'run'; readonly operation: EngineOperation; readonly input: EngineInput<EngineOperation> }
  | {
      readonly kind: 'readFile';
      readonly input: { readonly repository: RepositoryAccess; readonly snapshotId: string; readonly path: string };
    }
  /** The next piece of a file, after `readFile`. */
  | { readonly kind: 'pull' }
  | { readonly kind: 'abort' };

/** Thread to host. */
export type ThreadMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'result'; readonly output: EngineOutput<EngineOperation> }
  /** A piece of a file; `undefined` at its end. */
  | { readonly kind: 'piece'; readonly bytes: Uint8Array | undefined }
  | { readonly kind: 'error'; readonly error: ErrorData; readonly stack: string | undefined };
