/** What Argon2id made of passphrases, kept for a while: see docs/decisions/0061-derived-keys-are-kept.md. */
import { createHmac, randomBytes } from 'node:crypto';
import type { DerivedKey } from '../repository/index.ts';
import type { RepositoryAccess } from './operations.ts';

/** Repositories whose keys are kept; of more, those last used. */
const MOST = 16;
/** A key that was not used for so long is forgotten. */
const KEPT_MS = 10 * 60_000;

interface Kept {
  readonly derived: DerivedKey;
  readonly timer: NodeJS.Timeout;
}

/** One for each place, plugin and passphrase: whoever names another passphrase is given nothing. Disposing forgets all. */
export class DerivedKeys implements Disposable {
  /** The least recently used first. */
  readonly #kept = new Map<string, Kept>();
  /** Names of entries tell nothing of passphrases. */
  readonly #secret = randomBytes(32);

  /** What was derived for that repository from that passphrase, if it is still known. */
  of(access: RepositoryAccess): DerivedKey | undefined {
    const derived = this.#kept.get(this.#nameOf(access))?.derived;
    if (derived === undefined) return undefined;
    this.keep(access, derived);
    return derived;
  }

  keep(access: RepositoryAccess, derived: DerivedKey): void {
    const name = this.#nameOf(access);
    this.#forget(name);
    const timer = setTimeout(() => this.#forget(name), KEPT_MS).unref();
    this.#kept.set(name, { derived, timer });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#forget(oldest);
  }

  [Symbol.dispose](): void {
    for (const name of this.#kept.keys()) this.#forget(name);
  }

  #forget(name: string): void {
    clearTimeout(this.#kept.get(name)?.timer);
    this.#kept.delete(name);
  }

  #nameOf({ storage, key }: RepositoryAccess): string {
    const text = JSON.stringify([storage, key.kind === 'passphrase' ? key.passphrase : key.kind]);
    return createHmac('sha256', this.#secret).update(text).digest('hex');
  }
}
