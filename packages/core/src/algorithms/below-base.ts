/** What a URL parser would rewrite: dot segments, also written %2e; backslashes; characters that it drops. */
const REWRITTEN = /\\|[\t\n\r]|\/(?:\.|%2e)/i

/**
 * What follows a base in a URL below it: "/users/7?page=2" for https://api.test/v1/users/7?page=2 and
 * https://api.test/v1. Undefined for a URL that is not below it, segment by segment, once its dot segments are resolved.
 * Whatever is appended to another base in its place stays below that one.
 * @param base An absolute URL as a parser writes it, without a slash at its end, a query or a fragment.
 */
export function belowBase(base: string, url: string): string | undefined {
  const rest = restOf(base, url)
  if (rest !== undefined && !REWRITTEN.test(rest.replace(/[?#].*/s, ""))) return rest
  return URL.canParse(url) ? restOf(base, new URL(url).href) : undefined
}

function restOf(base: string, url: string): string | undefined {
  if (!url.startsWith(base)) return undefined
  const rest = url.slice(base.length)
  return rest === "" || /^[/?#]/.test(rest) ? rest : undefined
}
