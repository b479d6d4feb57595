/** What several scenarios do: a first backup by each tool in turn, round by round, each into an empty repository. */
import type { Bench } from '../bench.ts';
import { settle } from '../process.ts';
import type { Samples } from '../samples.ts';
import { inTurn } from '../tools/installed.ts';
import type { BackupTool } from '../tools/tool.ts';

export const FIRST_BACKUP = 'first backup, s';

/**
 * @param backup runs the backup that `prepare` has made ready and answers its seconds
 * @param afterwards sees each tool while its repository is there
 */
export async function firstBackups(
  bench: Bench,
  source: string,
  tools: readonly BackupTool[],
  samples: Samples,
  { backup = (tool: BackupTool) => tool.backup(), afterwards = async (_tool: BackupTool): Promise<void> => {} } = {},
): Promise<void> {
  for (let round = 0; round < bench.rounds; round++) {
    bench.say(`round ${round + 1} of ${bench.rounds}`);
    for (const tool of inTurn(tools, round)) {
      await tool.prepare(source);
      await settle(bench.run, source);
      samples.add(FIRST_BACKUP, tool.name, await backup(tool));
      await afterwards(tool);
    }
  }
}
