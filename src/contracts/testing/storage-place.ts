/** What the storage suites need from the author of a target. */
import type { StorageTarget } from '../index.ts';

/** An empty place to store objects in; disposing removes it with everything stored. */
export interface StoragePlace extends AsyncDisposable {
  /** Makes another instance of the target over this place. The suite disposes it. */
  open(): Promise<StorageTarget>;
}
