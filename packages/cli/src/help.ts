import type { Command, Options } from "./command.ts"
import type { Paint } from "./paint.ts"

const WIDTH = 100
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
    ...command.examples.flatMap(([what, line]) => [`  ${paint("dim", `# ${what}`)}`, `  ${line}`]),
    "",
  ].join("\n")
}

function optionLines(options: Options): string[] {
  return Object.entries(options).flatMap(([name, { short, value, help }]) => {
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

function wrapped(text: string, indent: number): string[] {
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
