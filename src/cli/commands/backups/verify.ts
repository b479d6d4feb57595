/** `strongroom backup verify` */
import { StrongroomError } from '../../../errors.ts';
import { fallible, operation } from '../../api/operation.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { exitCodeForStatus, exitCodes } from '../../exit-codes.ts';
import type { ExitCode } from '../../exit-codes.ts';
import { formatBytes, formatCounted, formatTime, formatWord } from '../../output/format.ts';
import type { Quantity } from '../../output/format.ts';
import type { Style } from '../../output/style.ts';
import { factLines } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import type { RunError, RunProgress } from '../../progress.ts';
import type { Session } from '../../session.ts';
import { watchRun } from '../../watch.ts';
import { progressFields, runProblemLines } from '../runs.ts';
import { subject, withSubject } from '../shared.ts';
import { findBackup } from './find.ts';

interface Verification {
  readonly id: string;
  readonly level: string;
  readonly status: string;
  readonly sound: boolean | null;
  readonly objectsRead: Quantity;
  readonly bytesRead: Quantity;
  readonly damage: readonly {
    readonly object: string;
    readonly offset: Quantity;
    readonly reason: string;
    readonly paths: readonly string[];
  }[];
  readonly completedAt: string | null;
  readonly error: RunError | null;
}

export const verifyBackup = fallible<{ readonly verification: { readonly id: string } }, { readonly id: string }>(`
  mutation VerifyBackup($id: ID!) {
    verification: verifyBackup(input: { id: $id }) { ...Failure ... on Verification { id } }
  }`);

export const cancelVerification = fallible<object, { readonly id: string }>(`
  mutation CancelVerification($id: ID!) { cancelVerification(input: { id: $id }) { ...Failure } }`);

export const showVerification = operation<{ readonly found: Verification | null }, { readonly id: string }>(`
  query ShowVerification($id: ID!) {
    found: verification(id: $id) {
      id level status sound objectsRead bytesRead completedAt
      damage { object offset reason paths } error { code message help }
    }
  }`);

export const verificationProgress = operation<{ readonly progress: RunProgress }, { readonly id: string }>(`
  subscription VerificationProgress($id: ID!) { progress: verificationProgress(id: $id) { ${progressFields} } }`);

function verificationLines(verification: Verification, style: Style, now: Date): string[] {
  const { sound } = verification;
  const facts = factLines([
    ['Status', style.status(verification.status)],
    ['Level', formatWord(verification.level)],
    ['Sound', sound === null ? 'not known' : sound ? style.good('yes') : style.bad('no')],
    [
      'Read',
      verification.bytesRead === null
        ? undefined
        : `${formatBytes(verification.bytesRead)} in ${formatCounted(verification.objectsRead, 'object')}`,
    ],
    ['Completed', verification.completedAt === null ? undefined : formatTime(verification.completedAt, now)],
  ]);
  const damage = verification.damage.flatMap(({ object, offset, reason, paths }) => [
    `  ${printable(object)}${offset === null || offset === undefined ? '' : ` at byte ${offset}`}: ${printable(reason)}`,
    ...paths.map((path) => `    needed by ${printable(path)}`),
  ]);
  const problems = runProblemLines({ error: verification.error, warnings: [], warningCount: 0 }, printable);
  return [...facts, ...(damage.length === 0 ? [] : ['', 'Damage:', ...damage]), ...problems];
}

interface VerifyOptions {
  readonly id?: string;
  readonly wait: boolean;
  readonly progress?: boolean;
}

async function verify(
  session: Session,
  argument: string | undefined,
  options: VerifyOptions,
): Promise<ExitCode | undefined> {
  const api = await session.api();
  const backup = await findBackup(api, subject(argument, options, 'backup'));
  const { verification: started } = await api.run(verifyBackup, { id: backup.id });
  const { id } = started;
  const { output } = session;
  if (!options.wait) {
    output.result({ id }, () => [id]);
    return undefined;
  }
  output.note(`Verifying ${backup.name}`);
  await watchRun(
    session,
    {
      what: 'verification',
      id,
      subscription: verificationProgress,
      cancel: () => api.run(cancelVerification, { id }),
      comeBack: `See its result with: strongroom backup show ${backup.id}`,
    },
    { jsonLines: options.progress === true },
  );
  const { found } = await api.run(showVerification, { id });
  if (found === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'verification', id });
  if (output.json && options.progress === true) output.jsonLine({ verification: found });
  else output.result(found, () => verificationLines(found, output.style, session.now()));
  return found.sound === false ? exitCodes.failed : exitCodeForStatus(found.status);
}

export function addBackupVerify(group: StrongroomCommand, action: MakeAction): void {
  withSubject(
    group.command('verify').description('Reads every byte of a backup and proves that it can be restored.'),
    'backup',
  )
    .option('--no-wait', 'print the id of the verification and return at once')
    .option('--progress', 'with --json: print progress as JSON lines, then the result in one line')
    .example('strongroom backup verify latest', 'Verify the latest backup; the exit code is 1 if it is not sound')
    .action(action(verify));
}
