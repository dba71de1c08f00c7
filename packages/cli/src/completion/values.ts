import { COMMON_METHODS } from "../call/request.ts"
import { placeholder, type OptionDescription } from "../command.ts"

/**
 * What a value is completed by: the words that there are, paths, the environment's variables, the paths of files after
 * "@" or "=@", or nothing, for it is a text of the user's.
 */
export type Values = readonly string[] | "files" | "folders" | "variables" | "@files" | "=@files" | "nothing"

/** What completes an option's value; undefined for a switch. */
export function valuesOfOption(name: string, option: OptionDescription): Values | undefined {
  if (option.type === "boolean") return undefined
  if (option.choices !== undefined) return option.choices
  if (name.endsWith("-env")) return "variables"
  return valuesOf(placeholder(option) ?? "")
}

/** What completes a value that stands so in the help. */
export function valuesOf(words: string): Values {
  const alternatives = words.split("|")
  if (alternatives.includes("FILE")) return "files"
  if (alternatives.includes("@FILE")) return words.includes("=") ? "=@files" : "@files"
  if (words === "PATH") return "folders"
  if (words === "METHOD") return COMMON_METHODS
  return alternatives.length > 1 && alternatives.every((word) => /^[a-z]/.test(word)) ? alternatives : "nothing"
}
