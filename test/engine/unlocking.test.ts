import { afterEach, describe, expect, it, vi } from 'vitest';
import { DerivedKeys } from '../../src/engine/derived-keys.ts';
import type { RepositoryAccess, RepositoryKey } from '../../src/engine/operations.ts';
import { failureOf, makeBench } from '../support/engine-harness.ts';

describe('a passphrase that has opened a repository', () => {
  it('opens nothing more once its slot is gone, and no other passphrase in its place', async () => {
    await using bench = await makeBench({ lanes: 1 });
    const { engine, access } = bench;
    await bench.create();
    const withPassphrase = (passphrase: string): RepositoryAccess => ({
      ...access,
      key: { kind: 'passphrase', passphrase },
    });
    const good = withPassphrase('correct horse battery');
    const check = (repository: RepositoryAccess) => engine.run('checkRepository', { repository });
    const added = await engine.run('addRepositoryKey', { repository: access, added: good.key });
    for (let time = 0; time < 3; time++) expect((await check(good)).openedBy).toBe(added.slot);
    expect((await failureOf(check(withPassphrase('correct horse bettary')))).code).toBe('REPOSITORY_KEY_WRONG');

    await engine.run('removeRepositoryKey', { repository: access, slot: added.slot });
    expect((await failureOf(check(good))).code).toBe('REPOSITORY_KEY_WRONG');
    const again = await engine.run('addRepositoryKey', { repository: access, added: good.key });
    expect((await check(good)).openedBy).toBe(again.slot);
  }, 60_000);
});

describe('derived keys', () => {
  afterEach(() => void vi.useRealTimers());

  const derived = { from: 'a slot', key: new Uint8Array(32) };
  const access = (path: string, key: RepositoryKey = { kind: 'passphrase', passphrase: 'one' }): RepositoryAccess => ({
    storage: { plugin: 'filesystem', configuration: { path } },
    key,
  });

  it('are given to the place and passphrase that they are of, and to no other', () => {
    using keys = new DerivedKeys();
    keys.keep(access('/a'), derived);
    expect(keys.of(access('/a'))).toEqual(derived);
    expect(keys.of(access('/b'))).toBeUndefined();
    expect(keys.of(access('/a', { kind: 'passphrase', passphrase: 'two' }))).toBeUndefined();
    expect(keys.of(access('/a', { kind: 'none' }))).toBeUndefined();
  });

  it('are forgotten when they were not used for ten minutes, when there are many, and at the end', () => {
    vi.useFakeTimers();
    const keys = new DerivedKeys();
    keys.keep(access('/a'), derived);
    vi.advanceTimersByTime(9 * 60_000);
    expect(keys.of(access('/a'))).toEqual(derived);
    vi.advanceTimersByTime(9 * 60_000);
    expect(keys.of(access('/a'))).toEqual(derived);
    vi.advanceTimersByTime(10 * 60_000);
    expect(keys.of(access('/a'))).toBeUndefined();

    keys.keep(access('/a'), derived);
    keys.keep(access('/b'), derived);
    expect(keys.of(access('/a'))).toEqual(derived);
    for (let place = 0; place < 15; place++) keys.keep(access(`/${place}`), derived);
    expect(keys.of(access('/b'))).toBeUndefined();
    expect(keys.of(access('/a'))).toEqual(derived);
    keys[Symbol.dispose]();
    expect(keys.of(access('/a'))).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
