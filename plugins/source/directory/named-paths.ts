/** A set of paths below a root, as a tree, to walk to them and nothing else. */

/** One directory on the way to named paths. Names hold one character a byte (latin1). */
export class NamedPaths {
  readonly #below = new Map<string, NamedPaths | undefined>();

  /** `paths` are relative to the root. One that lies below another is part of it. */
  static of(paths: readonly Buffer[]): NamedPaths {
    const top = new NamedPaths();
    for (const path of paths) top.#add(path.toString('latin1').split('/'));
    return top;
  }

  /** The names to look at here, ascending by bytes. */
  names(): readonly string[] {
    return [...this.#below.keys()].toSorted();
  }

  /** What is wanted below `name`; `undefined` means everything. */
  below(name: string): NamedPaths | undefined {
    return this.#below.get(name);
  }

  #add([name, ...rest]: readonly string[]): void {
    if (name === undefined) return;
    const there = this.#below.get(name);
    if (rest.length === 0) this.#below.set(name, undefined);
    else if (there !== undefined) there.#add(rest);
    else if (!this.#below.has(name)) {
      const next = new NamedPaths();
      next.#add(rest);
      this.#below.set(name, next);
    }
  }
}
