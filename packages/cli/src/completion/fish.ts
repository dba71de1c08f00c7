import { PROGRAM_OPTIONS } from "../overview.ts"
import { completedOptions, type CompletedCommand, type CompletedOption } from "./completed.ts"
import type { Values } from "./values.ts"

/** The completion for fish 3.0 and later. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const takingValues = commands.flatMap(({ name, options }) =>
    options
      .filter(({ values }) => values !== undefined)
      .flatMap(({ names }) => names.map((option) => `${name} ${option}`)),
  )
  return `# What completes steadfetch in fish.
function __steadfetch_begins
    test (count (commandline -opc)) -eq 1
end

function __steadfetch_runs
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test $words[2] = $argv[1]
end

# Whether it is this command's operand of this number, from 0.
function __steadfetch_operand
    __steadfetch_runs $argv[1]; or return 1
    set -l words (commandline -opc)
    set -l operands 0
    set -l is_value 0
    set -l is_plain 0
    for word in $words[3..-1]
        if test $is_value = 1
            set is_value 0
        else if test $is_plain = 1; or not string match -qr '^-.' -- $word
            set operands (math $operands + 1)
        else if test "$word" = --
            set is_plain 1
        else
            switch "$argv[1] $word"
                case ${takingValues.map(quoted).join(" ")}
                    set is_value 1
            end
        end
    end
    test $operands -eq $argv[2]
end

function __steadfetch_files_after
    set -l token (commandline -ct)
    set -l value (string replace -r -- '^(--[^=]*=|-[a-zA-Z](?=@))' '' "$token")
    set -l begun (string match -r -- $argv[1] "$value"); or return
    set -l path (string replace -- $begun '' $value)
    for found in $path*
        test -d $found; and set found $found/
        echo $begun$found
    end
end

complete -c steadfetch -f
${commands.map(({ name, description }) => `complete -c steadfetch -n __steadfetch_begins -a ${quoted(name)} -d ${quoted(description)}`).join("\n")}
${completedOptions(PROGRAM_OPTIONS)
  .map((option) => optionLine("__steadfetch_begins", option))
  .join("\n")}
${commands.flatMap(commandLines).join("\n")}
`
}

function commandLines({ name, options, operands }: CompletedCommand): string[] {
  return [
    "",
    ...operands.flatMap(({ values }, index) =>
      values === "nothing"
        ? []
        : [`complete -c steadfetch -n ${quoted(`__steadfetch_operand ${name} ${index}`)} ${offered(values)}`],
    ),
    ...options.map((option) => optionLine(`__steadfetch_runs ${name}`, option)),
  ]
}

function optionLine(condition: string, { names, description, values }: CompletedOption): string {
  const named = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const value = values === undefined ? "" : ` -r ${offered(values)}`
  return `complete -c steadfetch -n ${quoted(condition)} ${named.join(" ")}${value} -d ${quoted(description)}`
}

function offered(values: Values): string {
  if (typeof values === "object") return `-f -a ${quoted(values.join(" "))}`
  const actions = {
    files: "-F",
    folders: "-f -a '(__fish_complete_directories (commandline -ct))'",
    variables: "-f -a '(set -nx)'",
    "@files": "-f -a '(__steadfetch_files_after ^@)'",
    "=@files": `-f -a ${quoted("(__steadfetch_files_after '^[^=]*=@')")}`,
    nothing: "-f",
  } as const
  return actions[values]
}

/** A text as one word: between single quotes fish reads a backslash before another, and before a quote. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`
}
