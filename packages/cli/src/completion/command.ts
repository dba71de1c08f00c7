import { readArguments, type Command, type Options } from "../command.ts"
import { EXIT } from "../exit-codes.ts"
import { parseChoice } from "../parse.ts"
import type { CommandEntry } from "../program.ts"
import { UsageError } from "../usage-error.ts"
import { bashScript } from "./bash.ts"
import { completed, helpCommand } from "./completed.ts"
import { fishScript } from "./fish.ts"
import { zshScript } from "./zsh.ts"

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const
const SHELLS = ["bash", "zsh", "fish"] as const

const options = {
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

/** The command that prints what completes these commands, itself among them. */
export function completionCommand(commands: Readonly<Record<string, CommandEntry>>): Command {
  return {
    name: "completion",
    summary:
      "Prints a script that makes a shell complete commands, options with a word about each, their values, and files where a file is expected.",
    usage: SHELLS.join("|"),
    options,
    examples: [
      ["bash: in ~/.bashrc, as this line", 'eval "$(steadfetch completion bash)"'],
      ["zsh: in ~/.zshrc, as this line", 'eval "$(steadfetch completion zsh)"'],
      ["fish: in ~/.config/fish/config.fish, as this line", "steadfetch completion fish | source"],
      [
        "or once for all of fish's sessions, and again after each update",
        "steadfetch completion fish > ~/.config/fish/completions/steadfetch.fish",
      ],
    ],
    notes: [
      "The script is for bash 4, zsh 5 or fish 3, and later ones; it starts no program while you type. A new session has it, or the one where you run the line.",
    ],
    parse: parseCompletion,
    async run(args, { stdout }) {
      const shell = parseCompletion(args)
      const all = await Promise.all(
        Object.values(commands).map(async ({ summary, load }) => completed(await load(), summary)),
      )
      stdout.text(SCRIPTS[shell]([...all, helpCommand(Object.keys(commands))]))
      return EXIT.success
    },
  }
}

/** Which shell it is for. @throws UsageError for another one, or none. */
function parseCompletion(args: readonly string[]): (typeof SHELLS)[number] {
  const { positionals } = readArguments("completion", options, args)
  const [shell, ...more] = positionals
  if (shell === undefined) throw new UsageError("the shell is missing; write steadfetch completion bash, zsh or fish")
  if (more.length > 0) throw new UsageError(`${JSON.stringify(more[0])} is one shell too many; give one`)
  return parseChoice("the shell", shell, SHELLS)
}
