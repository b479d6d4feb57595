/** What package-lock.json must be so that `npm ci` works on every platform and behind every registry. */

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Paths of packages whose entry holds the address of a registry. */
export const withAddress = (lock: LockFile): readonly string[] =>
  Object.entries(lock.packages)
    .filter(([, { resolved, link }]) => resolved !== undefined && link !== true)
    .map(([path]) => path);

/**
 * Packages with install scripts about which `allowScripts` of package.json says nothing: npm decides by its version whether such
 * a script runs.
 */
export function unreviewedScripts(lock: LockFile, allowScripts: Readonly<Record<string, boolean>>): readonly string[] {
  const names = Object.entries(lock.packages)
    .filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript === true)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  return [...new Set(names)].filter((name) => allowScripts[name] === undefined);
}

/**
 * Entries that are missing: builds for other platforms, which npm leaves out when the registry in reach does not serve
 * them. Without its entry, `npm ci` refuses the whole lock file, on this platform too.
 */
export function missingPlatformPackages(lock: LockFile): Readonly<Record<string, LockedPackage>> {
  const missing: Record<string, LockedPackage> = {};
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (isLocked(lock, path, name)) continue;
      if (!/^\d+\.\d+\.\d+/.test(version))
        throw new Error(`${path} wants ${name} ${version}: only an exact version can be added.`);
      missing[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev === true && { dev }), optional: true };
    }
  }
  return missing;
}

/** The lock file with what `missingPlatformPackages` finds, in npm's order. */
export function completeLockFile<L extends LockFile>(lock: L): L {
  const packages = Object.entries({ ...lock.packages, ...missingPlatformPackages(lock) });
  return { ...lock, packages: Object.fromEntries(packages.toSorted(([a], [b]) => a.localeCompare(b, 'en'))) };
}

/** Node's rule: a package sees what is installed inside itself and inside every folder above. */
function isLocked({ packages }: LockFile, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

const systems: Readonly<Record<string, string>> = { windows: 'win32' };
const libraries: Readonly<Record<string, string>> = {
  gnu: 'glibc',
  gnueabihf: 'glibc',
  musl: 'musl',
  musleabihf: 'musl',
};

/** The platform that a name such as `binding-linux-arm64-gnu` speaks of. */
function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> {
  const found =
    /(?<os>darwin|linux|win32|windows|freebsd|android|openharmony)-(?<cpu>x64|arm64|arm|ia32|ppc64|s390x|riscv64)(?:-(?<library>\w+))?/.exec(
      name,
    )?.groups;
  if (found?.['os'] === undefined || found['cpu'] === undefined) return {};
  const libc = libraries[found['library'] ?? ''];
  return {
    os: [systems[found['os']] ?? found['os']],
    cpu: [found['cpu']],
    ...(found['os'] === 'linux' && libc !== undefined && { libc: [libc] }),
  };
}
