import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RepositoryAccess, RepositoryKey } from '../../src/engine/operations.ts';
import { directorySource, failureOf, filesBelow, makeBench, treeText } from '../support/engine-harness.ts';

describe('a repository', () => {
  it('is not made where something else lies', async () => {
    await using bench = await makeBench({ lanes: 1 });
    mkdirSync(bench.place.join('repository'));
    writeFileSync(bench.place.join('repository', 'photo.jpg'), 'precious');
    const failure = await failureOf(bench.create());
    expect(failure.code).toBe('REPOSITORY_PLACE_OCCUPIED');
    expect(failure.message).toContain('photo.jpg');
    expect(filesBelow(bench.place.join('repository')).size).toBe(1);
  });

  it('is made once, opened by its keys alone, and told apart from others', async () => {
    await using bench = await makeBench({ lanes: 1 });
    const { engine, access } = bench;
    const check = (changes: Partial<RepositoryAccess>) =>
      engine.run('checkRepository', { repository: { ...access, ...changes } });
    expect((await failureOf(check({}))).code).toBe('REPOSITORY_MISSING');
    await bench.create();
    expect((await failureOf(bench.create())).code).toBe('REPOSITORY_EXISTS');
    const facts = await check({});
    expect(facts).toMatchObject({ formatVersion: 1, compressor: 'zstd', encryptor: 'aes-256-gcm', snapshots: 0 });
    expect(facts.keySlots).toMatchObject([{ kind: 'keyFile' }]);
    const objects = [...filesBelow(bench.place.join('repository')).values()];
    expect(facts.storedBytes).toBe(objects.reduce((sum, { size }) => sum + size, 0));
    expect((await failureOf(check({ repositoryId: 'f'.repeat(32) }))).code).toBe('REPOSITORY_MISMATCH');
    await check({ repositoryId: facts.repositoryId });

    const passphrase: RepositoryKey = { kind: 'passphrase', passphrase: 'correct horse battery' };
    const wrong: RepositoryKey[] = [passphrase, { kind: 'keyFile', content: Buffer.alloc(32, 6) }, { kind: 'none' }];
    for (const key of wrong) expect((await failureOf(check({ key }))).code).toBe('REPOSITORY_KEY_WRONG');

    const added = await engine.run('addRepositoryKey', { repository: access, added: passphrase });
    expect(added.kind).toBe('passphrase');
    await check({ key: passphrase });
    const failure = await failureOf(check({ key: { kind: 'passphrase', passphrase: 'correct horse bettary' } }));
    expect(failure.code).toBe('REPOSITORY_KEY_WRONG');
    expect(JSON.stringify([failure.message, failure.details])).not.toContain('bettary');
    const [first] = facts.keySlots;
    await engine.run('removeRepositoryKey', { repository: access, slot: first?.slot ?? '' });
    expect((await failureOf(check({}))).code).toBe('REPOSITORY_KEY_WRONG');
    const last = engine.run('removeRepositoryKey', { repository: { ...access, key: passphrase }, slot: added.slot });
    expect((await failureOf(last)).code).toBe('REPOSITORY_KEY_LAST');
  }, 60_000);

  it.each([
    ['an encrypted one without a key', { key: { kind: 'none' } }, {}, 'passphrase'],
    ['an unencrypted one with a key', {}, { encryptor: { plugin: 'none', configuration: {} } }, 'passphrase'],
    ['a short passphrase', { key: { kind: 'passphrase', passphrase: 'short' } }, {}, 'passphrase'],
    ['a level that there is not', {}, { compressionLevel: 99 }, 'compressionLevel'],
  ] as const)('is not made: %s', async (_, access, design, field) => {
    await using bench = await makeBench();
    const made = bench.engine.run('createRepository', {
      repository: { ...bench.access, ...access },
      design: {
        compressor: { plugin: 'zstd', configuration: {} },
        encryptor: { plugin: 'aes-256-gcm', configuration: {} },
        ...design,
      },
    });
    const failure = await failureOf(made);
    expect([failure.code, failure.details['field']]).toEqual(['INPUT_INVALID', field]);
    expect(bench.objects('repository.json').size).toBe(0);
  });
});

describe('every compressor with an encryptor', () => {
  it.each([
    ['zstd', 'chacha20-poly1305'],
    ['gzip', 'aes-256-gcm'],
    ['brotli', 'none'],
    ['none', 'aes-256-gcm'],
  ])(
    '%s and %s back up, verify and restore',
    async (compressor, encryptor) => {
      await using bench = await makeBench({ lanes: 1 });
      const key: RepositoryKey = encryptor === 'none' ? { kind: 'none' } : bench.access.key;
      const repository = { ...bench.access, key };
      const design = {
        compressor: { plugin: compressor, configuration: {} },
        encryptor: { plugin: encryptor, configuration: {} },
      };
      await bench.engine.run('createRepository', { repository, design });
      const source = bench.place.join('source');
      mkdirSync(source);
      for (let index = 0; index < 20; index++) writeFileSync(`${source}/${index}`, `text ${index} `.repeat(2000));
      const { snapshotId, storedBytes, logicalBytes } = await bench.backup([directorySource(source)], { repository });
      if (compressor !== 'none') expect(storedBytes).toBeLessThan(logicalBytes / 4);
      expect(await bench.engine.run('verify', { repository, snapshotId })).toMatchObject({ sound: true });
      await bench.restore(snapshotId, { repository });
      expect(treeText(bench.place.join('out/files/files'))).toEqual(treeText(source));
    },
    60_000,
  );
});
