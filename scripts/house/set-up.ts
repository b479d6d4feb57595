/** Installs the servers and programs that tests and benchmarks need, where that can be done without asking. */

/** A need: something to look for, and the Debian package that brings it. */
export interface Need {
  readonly what: string;
  readonly debianPackage: string;
  readonly isMet: () => Promise<boolean>;
}

/** The machine, as far as the set-up deals with it. */
export interface Machine {
  /** True when packages can be installed without asking: root, with apt-get. */
  readonly canInstall: boolean;
  /** Runs a command to its end and tells whether it succeeded. */
  run(command: string, args: readonly string[]): Promise<boolean>;
  print(line: string): void;
}

/**
 * Resolves with true when every need is met in the end. When all are met already it does nothing; else it installs,
 * and reads the package lists anew only if they turn out to be missing or too old for that.
 */
export async function setUp(needs: readonly Need[], machine: Machine): Promise<boolean> {
  const missing = await unmet(needs);
  if (missing.length === 0) return true;
  if (machine.canInstall) {
    const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
    machine.print(`Installing ${packages.join(', ')}.`);
    const install = (): Promise<boolean> =>
      machine.run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]);
    if (!(await install()) && (await machine.run('apt-get', ['update', '-q']))) await install();
  }
  const left = await unmet(needs);
  for (const { what, debianPackage } of left) {
    machine.print(`Missing: ${what}. Please install it; on Debian and Ubuntu it is the package ${debianPackage}.`);
  }
  return left.length === 0;
}

async function unmet(needs: readonly Need[]): Promise<readonly Need[]> {
  const met = await Promise.all(needs.map(({ isMet }) => isMet()));
  return needs.filter((_, index) => met[index] === false);
}
