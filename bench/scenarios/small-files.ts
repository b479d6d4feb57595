/** First backup of 200,000 files of 1 to 16 KB. */
import type { Bench } from '../bench.ts';
import type { Row } from '../report.ts';
import { Samples } from '../samples.ts';
import { installed } from '../tools/installed.ts';
import { restic } from '../tools/restic.ts';
import { Service } from '../tools/service.ts';
import { strongroom } from '../tools/strongroom.ts';
import { FIRST_BACKUP, firstBackups } from './first-backup.ts';

export async function smallFiles(bench: Bench): Promise<readonly Row[]> {
  const source = await bench.data.smallFiles();
  const samples = new Samples('small-files', bench.say);
  await using service = await Service.start(bench);
  const tools = [strongroom(bench, service), ...(await installed(bench, { restic }))];
  await firstBackups(bench, source, tools, samples);
  return samples.against(FIRST_BACKUP, { restic: 0.4 });
}
