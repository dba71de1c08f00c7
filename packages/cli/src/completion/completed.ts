import { placeholder, type Command, type Options } from "../command.ts"
import { valuesOf, valuesOfOption, type Values } from "./values.ts"

/** An option as a shell completes it. */
export interface CompletedOption {
  /** "-H" and "--header". */
  readonly names: readonly string[]
  readonly description: string
  readonly isRepeatable: boolean
  /** What stands for its value; "" for a switch. */
  readonly placeholder: string
  /** undefined for a switch. */
  readonly values: Values | undefined
}

/** An argument that is no option. */
interface Operand {
  readonly placeholder: string
  readonly values: Values
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string
  readonly description: string
  readonly options: readonly CompletedOption[]
  readonly operands: readonly Operand[]
}

/** A command with all that its description says. */
export function completed(command: Command, summary: string): CompletedCommand {
  return {
    name: command.name,
    description: summary,
    options: completedOptions(command.options),
    operands: operandsOf(command),
  }
}

/** Options with all that their descriptions say. */
export function completedOptions(options: Options): CompletedOption[] {
  return Object.entries(options).map(([name, option]) => ({
    names: [...(option.short === undefined ? [] : [`-${option.short}`]), `--${name}`],
    description: beginning(option.help),
    isRepeatable: option.multiple === true,
    placeholder: placeholder(option) ?? "",
    values: valuesOfOption(name, option),
  }))
}

/** `steadfetch help COMMAND`. */
export function helpCommand(names: readonly string[]): CompletedCommand {
  const operands = [{ placeholder: "COMMAND", values: names }]
  return { name: "help", description: "the help of a command", options: [], operands }
}

/** A shell has one line for it. */
function beginning(help: string): string {
  return help.split(";", 1)[0] ?? help
}

/** The words of a usage that stand neither for an option nor for its value. */
function operandsOf({ usage, options }: Command): Operand[] {
  const words = usage.replaceAll(/[[\]]/g, "").split(/\s+/)
  return words.flatMap((word, index) => {
    const option = options[/^--(.*)/.exec(words[index - 1] ?? "")?.[1] ?? ""]
    const isOperand = word !== "OPTIONS" && option?.type !== "string" && /^[A-Z]|^[a-z]+\|/.test(word)
    return isOperand ? [{ placeholder: word, values: valuesOf(word) }] : []
  })
}
