import { UsageError } from "./usage-error.ts"

/** "Name: value". @throws UsageError without a colon; the text is not shown, for it may be a credential. */
export function parseHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(":")
  if (colon <= 0) throw new UsageError(`--header has no name and colon; write --header 'Name: value'`)
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

/** "name=value". @throws UsageError without an equals sign. */
export function parsePair(option: string, text: string): [name: string, value: string] {
  const equals = text.indexOf("=")
  if (equals <= 0)
    throw new UsageError(`${option} ${JSON.stringify(text)} has no name and "="; write ${option} name=value`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

/** One of the words an option knows. @throws UsageError for another. */
export function parseChoice<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === text)
  if (choice !== undefined) return choice
  throw new UsageError(
    `${option} is ${JSON.stringify(text)}; use ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`,
  )
}
