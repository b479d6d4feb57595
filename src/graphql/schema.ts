/** The schema, put together from one file a noun. */
import { builder } from './builder.ts';
import './scalars.ts';
import './error-types.ts';
import './workload.ts';
import './workload-mutations.ts';
import './source.ts';
import './source-mutations.ts';
import './repository.ts';
import './repository-mutations.ts';
import './backup.ts';
import './backup-mutations.ts';
import './restore.ts';
import './restore-mutations.ts';
import './verification.ts';
import './progress.ts';
import './tree.ts';
import './plugin.ts';
import './event.ts';
import './token.ts';
import './service.ts';
import './worker.ts';

/** Everything that the API can do, types sorted by name. */
export const schema = builder.toSchema({ sortSchema: true });
