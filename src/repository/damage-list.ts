/** Damage that a verification has found, each kind of it once, with the paths that suffer from it. */
import { isDamage } from './damage.ts';
import { objectKeys } from './format.ts';

/** One object found missing or damaged. */
export interface FoundDamage {
  readonly object: string;
  readonly offset: number | undefined;
  readonly reason: string;
  /** Paths of the snapshot that need it; the first 100. */
  readonly paths: string[];
}

const PATHS_NAMED = 100;

export class DamageList {
  readonly #found = new Map<string, FoundDamage>();

  add(object: string, offset: number | undefined, reason: string): FoundDamage {
    const key = `${object} ${offset ?? ''} ${reason}`;
    const known = this.#found.get(key) ?? { object, offset, reason, paths: [] };
    this.#found.set(key, known);
    return known;
  }

  addError(error: unknown, path?: string): void {
    if (!isDamage(error)) throw error;
    const { object, key, offset, reason } = error.details;
    const damage = this.add(
      String(object ?? key ?? objectKeys.packs),
      typeof offset === 'number' ? offset : undefined,
      String(reason ?? error.message),
    );
    if (path !== undefined) notePath(damage, path);
  }

  all(): readonly FoundDamage[] {
    return [...this.#found.values()];
  }
}

export function notePath(damage: FoundDamage, path: string): void {
  if (damage.paths.length < PATHS_NAMED && !damage.paths.includes(path)) damage.paths.push(path);
}
