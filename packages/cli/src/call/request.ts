import type { RequestOptions } from "steadfetch"
import { parseCount } from "../numbers.ts"
import { checkedUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"

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

const COMMON_METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"]

/**
 * The method and the URL among the arguments; without a method it is GET, or POST when there is a body.
 * @throws UsageError when the URL is missing or has no scheme, or when there is too much.
 */
export function parseTarget(positionals: readonly string[], hasBody: boolean): { method: string; url: string } {
  const [first, second, ...more] = positionals
  if (first === undefined) throw new UsageError("the URL is missing; write steadfetch call [METHOD] URL")
  if (more.length > 0) {
    throw new UsageError(
      `${JSON.stringify(more[0])} is one argument too many; write steadfetch call [METHOD] URL, and quote what holds spaces`,
    )
  }
  if (second === undefined && isMethod(first)) {
    throw new UsageError(`the URL is missing after ${first}; write steadfetch call ${first.toUpperCase()} https://…`)
  }
  if (second !== undefined && !isMethod(first) && looksLikeUrl(first)) {
    throw new UsageError(`the method stands before the URL: steadfetch call ${second.toUpperCase()} ${first}`)
  }
  const method = second === undefined ? (hasBody ? "POST" : "GET") : isMethod(first) ? first.toUpperCase() : first
  return { method, url: checkedUrl(second ?? first) }
}

function isMethod(text: string): boolean {
  return COMMON_METHODS.includes(text.toUpperCase())
}

function looksLikeUrl(text: string): boolean {
  return /[/.:]/.test(text)
}

/** The numbers of `--attempts` or `--retries`. @throws UsageError for both. */
export function parseAttempts(attempts: string | undefined, retries: string | undefined): RequestOptions["retry"] {
  if (attempts !== undefined && retries !== undefined) {
    throw new UsageError("--attempts and --retries say the same in two ways; give one (attempts = retries + 1)")
  }
  if (attempts !== undefined) return { attempts: parseCount("--attempts", attempts, 1) }
  if (retries !== undefined) return { attempts: parseCount("--retries", retries, 0) + 1 }
  return undefined
}
