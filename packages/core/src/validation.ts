import { ConfigurationError } from "./steadfetch-error.ts"

/** A number that an option must be. Returns it. */
export function checked(name: string, value: number, least: number, most: number, unit: string): number {
  if (typeof value === "number" && value >= least && value <= most) return value
  const range = most === Number.POSITIVE_INFINITY ? `${least} or more` : `from ${least} to ${most}`
  throw new ConfigurationError(`${name} is ${String(value)}; give a number of ${unit}, ${range}`)
}

/** A duration that an option must be, or false for none, which gives Infinity. */
export function duration(name: string, value: number | false): number {
  return value === false
    ? Number.POSITIVE_INFINITY
    : checked(name, value, 1, Number.POSITIVE_INFINITY, "milliseconds (or false for no limit)")
}

/** Refuses option names that nobody reads: a misspelt option must not be ignored in silence. */
export function knownOptions(owner: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name))
      throw new ConfigurationError(`${owner} has no option "${name}"; it knows ${known.join(", ")}`)
  }
}
