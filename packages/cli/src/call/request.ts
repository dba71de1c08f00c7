import { checkedUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"

export const COMMON_METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "QUERY",
  "TRACE",
]

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
  const method = second === undefined ? (hasBody ? "POST" : "GET") : sentMethod(first)
  return { method, url: checkedUrl(second ?? first) }
}

/** A method as it is sent: those that are meant in capitals may be written otherwise. */
export function sentMethod(text: string): string {
  return isMethod(text) ? text.toUpperCase() : text
}

function isMethod(text: string): boolean {
  return COMMON_METHODS.includes(text.toUpperCase())
}

function looksLikeUrl(text: string): boolean {
  return /[/.:]/.test(text)
}
