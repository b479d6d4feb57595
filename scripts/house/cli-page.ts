/** The page of the command line, made from its commands. */
import type { StrongroomCommand } from '../../src/cli/command.ts';
import { exitCodeMeanings } from '../../src/cli/exit-codes.ts';
import { code } from './markdown.ts';

const introduction = `# The command line

<!-- Made by scripts/generate-cli-docs.ts from src/cli. -->

\`strongroom\` is a client of the GraphQL API. It speaks to the server named with \`--url\` or \`STRONGROOM_URL\`; without one, to the server of this machine if it runs; else it does the work in its own process, which needs no token.

- **Names**: every object is named by its name or its id, as an argument or with \`--id\`. A workload or repository need not be named where there is only one. \`latest\` is the youngest backup that can be restored.
- **Access**: the token comes from \`STRONGROOM_TOKEN\` or \`--token-file\`. No secret is ever an argument: the command line of a process can be seen by every user of its machine. Secrets come from files (\`-\` is standard input), from environment variables, or are typed unseen.
- **Plugins**: \`--set field=value\` gives a field of a plugin's configuration the type that the plugin asks for (\`plugin show\`). A list is JSON, or the option repeated.
- **Output**: results go to standard output, everything about them to standard error. \`--json\` prints one document of the API's own shape: amounts of bytes are decimal strings. With \`--json --progress\` every line is a document: \`{"progress": …}\` while it runs, the result last.
- **Ctrl-C** while a run is watched asks the server to cancel it and waits; a second one leaves.
`;

const list = (items: readonly (readonly [string, string])[]): string =>
  items.map(([term, meaning]) => `- ${term}: ${meaning}\n`).join('');

const exitCodes = `## Exit codes\n\n${list(exitCodeMeanings.map(([number, meaning]) => [code(String(number)), meaning]))}`;

function usage(command: StrongroomCommand): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.path, ...words, ...(command.options.length > 0 ? ['[options]'] : [])].join(' ');
}

function optionList({ options }: StrongroomCommand): string {
  if (options.length === 0) return '';
  const rows = options.map(({ flags, description, mandatory, defaultValue, defaultValueDescription, negate }) => {
    const otherwise =
      negate || defaultValue === undefined ? undefined : (defaultValueDescription ?? String(defaultValue));
    const remark = mandatory ? ' (required)' : otherwise === undefined ? '' : ` (otherwise ${code(otherwise)})`;
    return [code(flags), `${description}${remark}`] as const;
  });
  return `\n${list(rows)}`;
}

function exampleBlock({ examples }: StrongroomCommand): string {
  const lines = examples.map(({ line, purpose }) => `# ${purpose}\n${line}`);
  return lines.length === 0 ? '' : `\n\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`;
}

function section(command: StrongroomCommand, level: number): string {
  const others = command.aliases().map((alias) => code(alias));
  const also = others.length === 0 ? '' : ` Also: ${others.join(', ')}.`;
  const body = `${'#'.repeat(level)} ${code(usage(command))}\n\n${command.description()}${also}\n`;
  const own = `\n${body}${optionList(command)}${command.children.length === 0 ? exampleBlock(command) : ''}`;
  return own + command.children.map((child) => section(child, Math.min(level + 1, 4))).join('');
}

/** The page. */
export function cliPage(program: StrongroomCommand): string {
  const general = `\n## Options of every command\n${optionList(program)}`;
  return `${introduction}\n${exitCodes}${general}${program.children.map((child) => section(child, 2)).join('')}`;
}
