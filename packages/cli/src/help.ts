import { placeholder, type Command, type Options } from "./command.ts"
import type { Paint } from "./paint.ts"

/** What the narrowest of the usual terminals shows. */
const WIDTH = 80
const HELP_COLUMN = 30

/** The help of one command. */
export function commandHelp(command: Command, paint: Paint): string {
  return [
    `${paint("bold", "Usage:")} steadfetch ${command.name} ${command.usage}`,
    "",
    ...wrapped(command.summary, 0),
    "",
    paint("bold", "Options:"),
    ...optionLines(command.options),
    ...command.notes.flatMap((note) => ["", ...(note.startsWith(" ") ? [note] : wrapped(note, 0))]),
    "",
    paint("bold", "Examples:"),
    ...exampleLines(command.examples, paint),
    "",
  ].join("\n")
}

/** Each example, below a comment that says what it is for. */
export function exampleLines(examples: Command["examples"], paint: Paint): string[] {
  return examples.flatMap(([what, line]) => [paint("dim", `# ${what}`), ...line.split("\n")].map((text) => `  ${text}`))
}

/** Each option with what it does. */
export function optionLines(options: Options): string[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const { short, help } = option
    const value = placeholder(option)
    const names = `  ${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`
    return entry(names, help)
  })
}

/** A name and what it means, in two columns; a long name has a line of its own. */
export function entry(name: string, meaning: string, column: number = HELP_COLUMN): string[] {
  const lines = wrapped(meaning, column)
  const [first = "", ...rest] = lines
  if (name.length + 2 > column) return [name, ...lines]
  return [name.padEnd(column) + first.trimStart(), ...rest]
}

export function wrapped(text: string, indent: number): string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + word.length + 1 > WIDTH) {
      lines.push(line)
      line = ""
    }
    line += line === "" ? word : ` ${word}`
  }
  return [...lines, line].map((text) => " ".repeat(indent) + text)
}
