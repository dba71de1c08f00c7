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
 * @throws UsageError when the URL is missing or has no scheme, when there is too much, and for a GET with a body.
 */
export function parseTarget(
  command: "bench" | "call",
  positionals: readonly string[],
  hasBody: boolean,
): { method: string; url: string } {
  const [first, second, ...more] = positionals
  if (first === undefined) throw new UsageError(`the URL is missing; write steadfetch ${command} [METHOD] URL`)
  if (more.length > 0) {
    throw new UsageError(
      `${JSON.stringify(more[0])} is one argument too many; write steadfetch ${command} [METHOD] URL, and quote what holds spaces`,
    )
  }
  if (second === undefined && isMethod(first)) {
    throw new UsageError(
      `the URL is missing after ${first}; write steadfetch ${command} ${first.toUpperCase()} https://…`,
    )
  }
  if (second !== undefined && !isMethod(first) && looksLikeUrl(first)) {
    throw new UsageError(`the method stands before the URL: steadfetch ${command} ${second.toUpperCase()} ${first}`)
  }
  const method = second === undefined ? (hasBody ? "POST" : "GET") : sentMethod(first)
  const url = checkedUrl(second ?? first)
  if (hasBody && (method === "GET" || method === "HEAD"))
    throw new UsageError(`a ${method} request has no body; use another method, or --query NAME=VALUE`)
  return { method, url }
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
