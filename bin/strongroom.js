#!/usr/bin/env node
// @ts-check
/**
 * Where every process of Strongroom starts: what has to be settled before the rest is loaded. Node compiles the TypeScript of the rest once and keeps what comes of it in the user's
 * cache directory (docs/decisions/0060-compiled-code-is-kept.md); to begin with that, this one file is JavaScript and imports nothing
 * of ours before.
 */
import { mkdirSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The directory for compiled code. Root's does not depend on variables: `sudo` may pass on those of somebody else. */
function cacheDirectory() {
  if (process.getuid?.() === 0) return '/var/cache/strongroom';
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'strongroom');
}

/**
 * Whether `directory` is there and nobody else can write to it: what lies in it is run.
 * @param {string} directory made if it is not there
 */
function isOurs(directory) {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(directory);
    return (process.getuid === undefined || uid === process.getuid()) && (mode & 0o022) === 0;
  } catch {
    // Without a place for it everything works as well, only slower.
    return false;
  }
}

/**
 * For the C library of Linux: two areas of memory for all threads, mappings of their own for buffers from 8 MiB on, and up to 16 MiB of what was freed kept for
 * the buffers of blocks that come and go all the time.
 */
const C_SETTINGS = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(8 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 20),
};

/** For V8: threads may collect their garbage after a run, and young objects of each get 3 × 2 MB at most instead of 3 × 16. */
const V8_SETTINGS = ['--expose-gc', '--max-semi-space-size=2'];

/**
 * Becomes the same program with settings that are read only when a process starts (docs/decisions/0062-memory-settings.md). By
 * default the C library of Linux makes an area of memory for each thread, and they give back little of what large buffers took. Whoever sets
 * that himself has his way, in all.
 */
function settleMemory() {
  const { execve, platform, argv, execArgv, execPath, env } = process;
  if (platform !== 'linux' || execve === undefined || env['MALLOC_ARENA_MAX'] !== undefined) return;
  execve(execPath, [execPath, ...V8_SETTINGS, ...execArgv, ...argv.slice(1)], { ...env, ...C_SETTINGS });
}

// For processes that run long and have many threads.
if (process.argv.some((word) => word === 'serve' || word === 'worker')) settleMemory();
if (process.env['NODE_COMPILE_CACHE'] === undefined && process.env['NODE_DISABLE_COMPILE_CACHE'] === undefined) {
  const directory = cacheDirectory();
  if (isOurs(directory)) {
    enableCompileCache(directory);
    // Threads begin with a copy of the environment, and take the cache from it.
    process.env['NODE_COMPILE_CACHE'] = directory;
  }
}
await import('../src/main.ts');
