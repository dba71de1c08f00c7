import { PROGRAM_OPTIONS, type CompletedCommand } from "./completed.ts"
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

_steadfetch() {
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
  local current=\${words[count - 1]} command=\${words[1]} option= operand=0 isPlain=
  if ((count == 2)); then
    offered=words choices=${quoted([...commands.map(({ name }) => name), ...PROGRAM_OPTIONS.flatMap(({ names }) => names)].join(" "))}
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
  case $offered in
    files) compopt -o default ;;
    folders) compopt -o dirnames ;;
    @files) [[ $current != @* ]] || compopt -o default ;;
    =@files) [[ $current != *=@* ]] || compopt -o default ;;
    variables) offered=words choices=$(compgen -e) ;;
  esac
  [[ $offered == words ]] || return 0
  # Where a word ends at "=", what stands before it stays.
  [[ $COMP_WORDBREAKS != *=* ]] || stem=
  for word in $choices; do
    [[ $word != "$current"* ]] || COMPREPLY+=("$stem$word")
  done
}

complete -F _steadfetch steadfetch
`
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
