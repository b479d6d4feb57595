/** What the host and the engine's threads say to each other. */
import type { ErrorData } from '../errors.ts';
import type { DerivedKey } from '../repository/index.ts';
import type { Allowance, Direction } from './limits.ts';
import type { EngineInput, EngineOperation, EngineOutput, Progress, RepositoryAccess } from './operations.ts';

/** What an operation begins with. */
export interface Beginning {
  readonly allowance: Allowance;
  /** What opened the same repository before. */
  readonly derived: DerivedKey | undefined;
}

/** Host to thread. */
export type HostMessage =
  | (Beginning & {
      readonly kind: 'run';
      readonly operation: EngineOperation;
      readonly input: EngineInput<EngineOperation>;
    })
  | (Beginning & {
      readonly kind: 'readFile';
      readonly input: { readonly repository: RepositoryAccess; readonly snapshotId: string; readonly path: string };
    })
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
  /** What was derived from the passphrase of the operation's repository, which it opened. */
  | { readonly kind: 'derived'; readonly derived: DerivedKey }
  | { readonly kind: 'result'; readonly output: EngineOutput<EngineOperation> }
  /** A piece of a file; `undefined` at its end. */
  | { readonly kind: 'piece'; readonly bytes: Uint8Array | undefined }
  | { readonly kind: 'error'; readonly error: ErrorData; readonly stack: string | undefined };
