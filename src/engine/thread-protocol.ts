/** What the host and the engine's threads say to each other. */
import type { ErrorData } from '../errors.ts';
import type { Allowance, Direction } from './limits.ts';
import type { EngineInput, EngineOperation, EngineOutput, Progress, RepositoryAccess } from './operations.ts';

/** Host to thread. */
export type HostMessage =
  | {
      readonly kind: 'run';
      readonly operation: EngineOperation;
      readonly input: EngineInput<EngineOperation>;
      readonly allowance: Allowance;
    }
  | {
      readonly kind: 'readFile';
      readonly input: { readonly repository: RepositoryAccess; readonly snapshotId: string; readonly path: string };
      readonly allowance: Allowance;
    }
  /** What the operation may use from now on. */
  | { readonly kind: 'allow'; readonly allowance: Allowance }
  /** Answers `ask`: the bytes may move. */
  | { readonly kind: 'go'; readonly request: number }
  /** The next piece of a file, after `readFile`. */
  | { readonly kind: 'pull' }
  | { readonly kind: 'abort' };

/** Thread to host. */
export type ThreadMessage =
  /** Asks for leave to move so many bytes. */
  | { readonly kind: 'ask'; readonly request: number; readonly direction: Direction; readonly bytes: number }
  /** So many bytes more, or less when negative, have moved than was asked for. */
  | { readonly kind: 'moved'; readonly direction: Direction; readonly bytes: number }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'result'; readonly output: EngineOutput<EngineOperation> }
  /** A piece of a file; `undefined` at its end. */
  | { readonly kind: 'piece'; readonly bytes: Uint8Array | undefined }
  | { readonly kind: 'error'; readonly error: ErrorData; readonly stack: string | undefined };
