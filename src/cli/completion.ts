/** Completion scripts, made from the commands themselves. */
import type { StrongroomCommand } from './command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Word {
  readonly text: string;
  readonly description: string;
}

/** A place in the command line: the commands typed so far, and what can follow. */
interface Place {
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
}

function places(command: StrongroomCommand, words: readonly string[], inherited: readonly Word[]): Place[] {
  const own = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, description }) => ({ text: long ?? '', description }));
  const options = [...own.filter(({ text }) => text !== ''), ...inherited];
  const commands = command.children.flatMap((child) =>
    [child.name(), ...child.aliases()].map((text) => ({ text, description: child.description() })),
  );
  const below = command.children.flatMap((child) =>
    [child.name(), ...child.aliases()].flatMap((name) =>
      // The version is asked of the program alone.
      places(
        child,
        [...words, name],
        words.length === 0 ? options.filter(({ text }) => text !== '--version') : inherited,
      ),
    ),
  );
  return [
    { path: words.join(' '), commands, options: [...options, { text: '--help', description: 'show help' }] },
    ...below,
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const bashCase = ({ path, commands, options }: Place): string => {
  const list = (words: readonly Word[]): string => quoted(words.map(({ text }) => text).join(' '));
  return `    ${quoted(path)}) commands=${list(commands)} options=${list(options)} ;;`;
};

function bash(all: readonly Place[]): string {
  return `# bash completion for strongroom
_strongroom() {
  local current=\${COMP_WORDS[COMP_CWORD]} path='' commands='' options='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) case ${quoted(` ${all.map(({ path }) => path.replaceAll(' ', '/')).join(' ')} `)} in
           *" \${path:+\${path// //}/}$word "*) path="\${path:+$path }$word" ;;
         esac ;;
    esac
  done
  case "$path" in
${all.map(bashCase).join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _strongroom strongroom
`;
}

const zshWords = (words: readonly Word[]): string =>
  words.map(({ text, description }) => quoted(`${text.replaceAll(':', '\\:')}:${description}`)).join(' ');

function zsh(all: readonly Place[]): string {
  const cases = all.map(
    ({ path, commands, options }) =>
      `    ${quoted(path)}) commands=(${zshWords(commands)}) options=(${zshWords(options)}) ;;`,
  );
  return `#compdef strongroom
# zsh completion for strongroom
_strongroom() {
  local path='' word
  local -a commands options paths
  paths=(${all.map(({ path }) => quoted(path)).join(' ')})
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if (( \${paths[(Ie)\${path:+$path }$word]} )); then path="\${path:+$path }$word"; fi
  done
  case "$path" in
${cases.join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then
    _describe option options
  elif (( \${#commands} )); then
    _describe command commands
  else
    _files
  fi
}
if [[ $funcstack[1] == _strongroom ]]; then _strongroom "$@"; else compdef _strongroom strongroom; fi
`;
}

function fish(all: readonly Place[]): string {
  const lines = all.flatMap(({ path, commands, options }) => {
    const at = `-n ${quoted(`__strongroom_at ${quoted(path)}`)}`;
    return [
      ...commands.map(
        ({ text, description }) => `complete -c strongroom -f ${at} -a ${quoted(text)} -d ${quoted(description)}`,
      ),
      ...options.map(
        ({ text, description }) => `complete -c strongroom ${at} -l ${text.slice(2)} -d ${quoted(description)}`,
      ),
    ];
  });
  return `# fish completion for strongroom
function __strongroom_at
  set -l known ${all.map(({ path }) => quoted(path)).join(' ')}
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$path $word")
    if contains -- $next $known; set path $next; end
  end
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`;
}

/** The script for a shell that completes the commands and options of `program`. */
export function completionScript(program: StrongroomCommand, shell: Shell): string {
  const all = places(program, [], []);
  return { bash, zsh, fish }[shell](all);
}
