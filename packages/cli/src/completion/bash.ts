import { PROGRAM_OPTIONS } from "../overview.ts"
import { completedOptions, type CompletedCommand } from "./completed.ts"
import { quoted } from "./quoted.ts"
import type { Values } from "./values.ts"

/** The completion for bash 4 and later, with and without the package bash-completion. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const options = commands.map(({ name, options }) => [[name], options.flatMap(({ names }) => names)] as const)
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ names, values }) =>
      values === undefined ? [] : [[names.map((option) => `${name} ${option}`), values] as const],
    ),
  )
  const operands = commands.flatMap(({ name, operands }) =>
    operands.map(({ values }, index) => [[`${name} ${index}`], values] as const),
  )
  return `# What completes steadfetch in bash.
_steadfetch_options() {
  case $1 in
${branches(options)}
  esac
}

# Fails for a switch, and for what is no option.
_steadfetch_value() {
  case $1 in
${branches(values)}
    *) return 1 ;;
  esac
}

_steadfetch_operand() {
  case $1 in
${branches(operands)}
  esac
}

_steadfetch_begin() {
  ${setting([...commands.map(({ name }) => name), ...completedOptions(PROGRAM_OPTIONS).flatMap(({ names }) => names)])}
}

${COMPLETING}`
}

/** One branch for each kind of values, for all that have it. */
function branches(rows: readonly (readonly [patterns: readonly string[], values: Values])[]): string {
  const groups = Map.groupBy(rows, ([, values]) => setting(values))
  return [...groups]
    .map(([set, rows]) => {
      const patterns = rows.flatMap(([patterns]) => patterns.map(quoted))
      return `    ${patterns.join(" | ")}) ${set} ;;`
    })
    .join("\n")
}

function setting(values: Values): string {
  return typeof values === "string" ? `offered=${quoted(values)}` : `offered=words choices=${quoted(values.join(" "))}`
}

/** Reads the line and sets COMPREPLY; what its words mean the functions above say. */
const COMPLETING = `_steadfetch() {
  local IFS=$' \\t\\n' offered=nothing choices= stem= rest=\${COMP_LINE:0:COMP_POINT}
  local words=() count=0 index word gap
  COMPREPLY=()
  # The words as the command gets them: COMP_WORDS are broken at "=", ":" and "@" as well.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    ((index > 0)) || rest=$word\${rest#*"$word"}
    gap=\${rest%%[![:space:]]*}
    rest=\${rest#"$gap"}
    ((index < COMP_CWORD)) || word=$rest
    if [[ $index == 0 || -n $gap ]]; then words[count++]=$word; else words[count - 1]+=$word; fi
    rest=\${rest#"$word"}
  done
  local current=\${words[count - 1]#[\\"\\']} command=\${words[1]} option= operand=0 isPlain=
  if ((count == 2)); then
    _steadfetch_begin
    # They are wanted when one begins to write them.
    [[ $current == -* ]] || choices=\${choices%% -*}
  else
    for ((index = 2; index < count - 1; index++)); do
      word=\${words[index]}
      if [[ -n $option ]]; then option=
      elif [[ -n $isPlain || $word != -?* ]]; then ((operand += 1))
      elif [[ $word == -- ]]; then isPlain=1
      elif _steadfetch_value "$command $word"; then option=$word
      fi
    done
    offered=nothing
    if [[ -n $option ]]; then _steadfetch_value "$command $option"
    elif [[ -n $isPlain || $current != -* ]]; then _steadfetch_operand "$command $operand"
    elif [[ $current == --*=* ]]; then
      _steadfetch_value "$command \${current%%=*}"
      stem=\${current%%=*}= current=\${current#*=}
    else _steadfetch_options "$command"
    fi
  fi
  # What stands before "=" stays where words end there, and the shell keeps it.
  [[ $COMP_WORDBREAKS != *=* ]] || stem=
  case $offered in
    words) _steadfetch_words "$stem" "$current" "$choices" ;;
    variables) _steadfetch_words "$stem" "$current" "$(compgen -e)" ;;
    folders) compopt -o dirnames ;;
    files) if [[ -z $stem ]]; then compopt -o default; else _steadfetch_files "$stem" "$current"; fi ;;
    @files) [[ $current != @* ]] || _steadfetch_files_after "$stem@" "\${current#@}" ;;
    =@files) [[ $current != *=@* ]] || _steadfetch_files_after "$stem\${current%%=@*}=@" "\${current#*=@}" ;;
  esac
}

_steadfetch_words() {
  local word
  for word in $3; do
    [[ $word != "$2"* ]] || COMPREPLY+=("$1$word")
  done
}

_steadfetch_files() {
  local path
  compopt -o filenames
  while IFS= read -r path; do
    [[ ! -d $path ]] || { path+=/ && compopt -o nospace; }
    COMPREPLY+=("$1$path")
  done < <(compgen -f -- "\${2//\\\\/}")
}

_steadfetch_files_after() {
  if [[ $COMP_WORDBREAKS == *[=@]* ]]; then _steadfetch_files @ "$2"; else _steadfetch_files "$1" "$2"; fi
}

complete -F _steadfetch steadfetch
`
