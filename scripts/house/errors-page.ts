/** docs/errors.md: every error code with what it means and what to do. */
import { errorCatalogue, type ErrorCategory, type ErrorCode } from '../../src/errors.ts';
import { code, table } from './markdown.ts';

const categories: Readonly<Record<ErrorCategory, string>> = {
  input: 'The words of the caller are wrong. Correct them; trying again as they are gives the same.',
  missing: 'The object that was named is not there.',
  conflict: 'The state of things does not allow it now.',
  access: 'Not allowed, or not with this token or key.',
  damage: 'Stored data is not what was stored. What is damaged is named; it is never passed on as good.',
  unavailable: 'Something outside is out of reach or out of space. Runs are tried again by themselves.',
  cancelled: 'Somebody asked for it.',
  internal: 'A defect of Strongroom.',
};

export function errorsPage(): string {
  const entries = Object.entries(errorCatalogue) as [ErrorCode, (typeof errorCatalogue)[ErrorCode]][];
  const sections = (Object.keys(categories) as ErrorCategory[])
    .map((category) => {
      const rows = entries
        .filter(([, entry]) => entry.category === category)
        .map(([name, { message, help }]) => [code(name), message, help]);
      return rows.length === 0
        ? ''
        : `\n## ${category}\n\n${categories[category]}\n\n${table(['Code', 'Message', 'What to do'], rows)}`;
    })
    .join('');
  return `<!-- Made from src/error-catalogue.ts by \`npm run generate\`: do not edit. -->

# Error codes

Every error that Strongroom reports on purpose has a code. Codes are never renamed and never get another meaning, so programs
may rely on them; messages may change. Words in braces stand for details. The category says how a caller treats the error.
${sections}`;
}
