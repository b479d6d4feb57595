/** The operation `verify`. */
import { isDamage, readSnapshot, snapshotName, verifySnapshot } from '../repository/index.ts';
import { StrongroomError } from '../errors.ts';
import type { Damage, VerifyInput, VerifyResult } from './operations.ts';
import type { Run } from './run.ts';
import type { Workshop } from './workshop.ts';

/** Level `DATA`. A damaged snapshot object is a finding, not a failure. */
export async function verify(workshop: Workshop, input: VerifyInput, run: Run): Promise<VerifyResult> {
  return workshop.withRepository(input.repository, async (repository) => {
    const snapshot = await readSnapshot(repository, snapshotName(input.snapshotId)).catch((error: unknown) => {
      if (isDamage(error) || (error instanceof StrongroomError && error.code === 'SNAPSHOT_NOT_FOUND')) return error;
      throw error;
    });
    if (snapshot instanceof StrongroomError) {
      const object = `snapshots/${snapshotName(input.snapshotId)}`;
      const reason = snapshot.code === 'SNAPSHOT_NOT_FOUND' ? 'it is missing' : snapshot.message;
      return { sound: false, objectsRead: 0, bytesRead: 0, damage: [{ object, reason, paths: ['/'] }] };
    }
    await using pool = workshop.readingLanes(repository, run);
    run.enter('VERIFYING');
    const { objectsRead, bytesRead, damage } = await verifySnapshot(
      repository,
      snapshot,
      pool,
      run.counters,
      run.signal,
    );
    const found = damage.map(({ object, offset, reason, paths }): Damage => ({
      object,
      reason,
      paths,
      ...(offset !== undefined && { offset }),
    }));
    return { sound: found.length === 0, objectsRead, bytesRead, damage: found };
  });
}
