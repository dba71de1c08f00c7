import { ConfigurationError } from "./steadfetch-error.ts"

/** Returns a number that lies in its range. @throws ConfigurationError for anything else. */
export function checked(name: string, value: number, least: number, most: number = Number.POSITIVE_INFINITY): number {
  if (typeof value === "number" && value >= least && value <= most) return value
  throw new ConfigurationError(`${name}: ${value}; give a number from ${least} to ${most}`)
}

/** A duration in milliseconds; false stands for none and gives Infinity. */
export function duration(name: string, value: number | false): number {
  return value === false ? Number.POSITIVE_INFINITY : checked(`${name} (ms, or false)`, value, 1)
}

/** Refuses option names that nobody reads, and what is no options at all (`retry: 3`): neither is ignored in silence. */
export function knownOptions(owner: string, given: object, known: readonly string[]): void {
  if (typeof given !== "object")
    throw new ConfigurationError(`${owner}: ${String(given)}; give { ${known.join(", ")} }`)
  for (const name of Object.keys(given)) {
    if (!known.includes(name))
      throw new ConfigurationError(`${owner}: no option "${name}"; there is ${known.join(", ")}`)
  }
}
