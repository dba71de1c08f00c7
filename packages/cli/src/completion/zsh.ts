import { PROGRAM_OPTIONS } from "../overview.ts"
import { completedOptions, type CompletedCommand, type CompletedOption } from "./completed.ts"
import { quoted } from "./quoted.ts"
import type { Values } from "./values.ts"

/** The completion for zsh, to be sourced or to be put into a folder of `fpath`. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef steadfetch
# What completes steadfetch in zsh.
_steadfetch_files_after() {
  compset -P $1 && _files
}

_steadfetch() {
  local curcontext=$curcontext state line
  local -A opt_args
  local -a commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${description.replaceAll("\\", "\\\\")}`)}`).join("\n")}
  )
  _arguments -C \\
${completedOptions(PROGRAM_OPTIONS)
  .flatMap((option) => optionSpecs(option, "- : *"))
  .map((spec) => `    ${quoted(spec)} \\`)
  .join("\n")}
    '1:command:->command' \\
    '*::argument:->argument' && return
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      curcontext=\${curcontext%:*:*}:steadfetch-$words[1]:
      case $words[1] in
${commands.map(commandBranch).join("\n")}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _steadfetch ]]; then
  _steadfetch "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _steadfetch steadfetch
fi
`
}

function commandBranch({ name, options, operands }: CompletedCommand): string {
  const specs = [
    ...options.flatMap((option) => optionSpecs(option)),
    ...operands.map(({ placeholder, values }, index) => `${index + 1}:${message(placeholder)}:${action(values)}`),
  ]
  return `        ${name})
          _arguments -s -S : \\
${specs.map((spec) => `            ${quoted(spec)}`).join(" \\\n")}
          ;;`
}

/**
 * One for each of its names: together they would share a form, and `-H` takes its value otherwise than `--header=`.
 * @param excludes What is not offered after it.
 */
function optionSpecs(option: CompletedOption, excludes: string = option.names.join(" ")): string[] {
  const { names, description, isRepeatable, placeholder, values } = option
  const before = isRepeatable ? "*" : `(${excludes})`
  const explanation = `[${description.replaceAll(/[\\[\]:]/g, "\\$&")}]`
  if (values === undefined) return names.map((name) => `${before}${name}${explanation}`)
  const value = `:${message(placeholder)}:${action(values)}`
  return names.map((name) => `${before}${name}${name.startsWith("--") ? "=" : "+"}${explanation}${value}`)
}

function message(placeholder: string): string {
  return placeholder.replaceAll(/[\\:]/g, "\\$&")
}

function action(values: Values): string {
  if (typeof values === "object") return `(${values.join(" ")})`
  const actions = {
    files: "_files",
    folders: "_files -/",
    variables: '_parameters -g "*export*"',
    // A space before it keeps out the options of compadd.
    "@files": " _steadfetch_files_after @",
    "=@files": ' _steadfetch_files_after "*=@"',
    // The message alone.
    nothing: " ",
  } as const
  return actions[values]
}
