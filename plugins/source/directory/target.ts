/** Where a restore of plain files goes. */
import type { PluginHost, RestoreTarget } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';

/** The allowed, absolute path of a directory to restore into; `inPlace` is where the source has its files. */
export function directoryTarget(target: RestoreTarget, inPlace: string, host: PluginHost): Promise<string> {
  if (target.kind === 'inPlace') return host.allowedPath(inPlace);
  if (target.kind === 'directory') return host.allowedPath(target.path);
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: 'this source keeps files, not a database' });
}
