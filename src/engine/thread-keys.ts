/** What an operation knows, in its thread, of the passphrase that opens its repository. */
import type { DerivedKey } from '../repository/index.ts';
import type { ThreadMessage } from './thread-protocol.ts';
import type { Unlocking } from './workshop.ts';

/** Lent by the host when an operation begins; what is derived anew goes to the host. */
export class ThreadKeys implements Unlocking {
  readonly #post: (message: ThreadMessage) => void;
  #lent: DerivedKey | undefined;

  constructor(post: (message: ThreadMessage) => void) {
    this.#post = post;
  }

  begin(lent: DerivedKey | undefined): void {
    this.#lent = lent;
  }

  get derived(): DerivedKey | undefined {
    return this.#lent;
  }

  onDerived(derived: DerivedKey): void {
    if (derived.from !== this.#lent?.from) this.#post({ kind: 'derived', derived });
  }
}
