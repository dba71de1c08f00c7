import { redactUrl } from "./redaction.ts"
import { ConfigurationError } from "./steadfetch-error.ts"

/** What a value is, without telling it: for what may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== "object") return `a ${typeof value}`
  return `an object (${value.constructor?.name ?? "no prototype"})`
}

/** A value as messages show it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(redactUrl(value))
  return /object|function|symbol/.test(typeof value) ? kindOf(value) : String(value)
}

/**
 * Refuses a value.
 * @param what The value as it may be shown.
 * @param fix What to give in its place.
 */
export function refuse(name: string, what: string, fix: string): never {
  throw new ConfigurationError(`${name}: ${what}; give ${fix}`)
}

/** Returns a number that lies in its range. @throws ConfigurationError for anything else. */
export function checked(name: string, value: number, least: number, most: number = Number.POSITIVE_INFINITY): number {
  if (typeof value === "number" && value >= least && value <= most) return value
  return refuse(name, shown(value), `a number from ${least} to ${most}`)
}

/** Returns a whole number that lies in its range. @throws ConfigurationError for anything else. */
export function whole(name: string, value: number, least: number, most?: number): number {
  if (Number.isInteger(checked(name, value, least, most))) return value
  return refuse(name, shown(value), "a whole number")
}

/** A duration in milliseconds; false stands for none and gives Infinity. */
export function duration(name: string, value: number | false): number {
  return value === false ? Number.POSITIVE_INFINITY : checked(`${name} (ms, or false)`, value, 1)
}

/** Refuses what is there and no function. */
export function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") refuse(name, shown(value), "a function")
}

/** Refuses what is there and no signal: a controller, say. */
export function checkSignal(signal: { addEventListener?: unknown } | null | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== "function")
    refuse("signal", kindOf(signal), "an AbortSignal: controller.signal")
}

/** Refuses option names that nobody reads, and what is no options at all (`retry: 3`): neither is ignored in silence. */
export function knownOptions(owner: string, given: object, known: readonly string[]): void {
  if (typeof given !== "object" || given === null) refuse(owner, shown(given), `{ ${known.join(", ")} }`)
  for (const name of Object.keys(given)) {
    if (!known.includes(name))
      throw new ConfigurationError(`${owner}: no option "${name}"; there is ${known.join(", ")}`)
  }
}

/** The entries of a record, or of an iterable of pairs. @throws ConfigurationError for anything else; no value is shown. */
export function pairsOf<V>(
  name: string,
  given: Readonly<Record<string, V>> | Iterable<readonly [string, V]>,
): (readonly [string, V])[] {
  if (typeof given === "object" && given !== null) {
    const pairs = Symbol.iterator in given ? [...given] : Object.entries(given)
    if (pairs.every(Array.isArray)) return pairs
  }
  return refuse(name, kindOf(given), "{ name: value }, or pairs of them")
}
