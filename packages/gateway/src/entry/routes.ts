/** What an upstream's requests look like. */
export interface Route<Upstream> {
  readonly upstream: Upstream
  /** In lower case; undefined for any. */
  readonly host: string | undefined
  /** Without a slash at the end; "" for any path. */
  readonly prefix: string
}

/** A request's upstream, and what of its path is for it. */
export interface Match<Upstream> {
  readonly upstream: Upstream
  readonly rest: string
}

/** Sorted such that the first match is the closest: by host, then by the longest prefix. */
export function sortedRoutes<Upstream>(routes: readonly Route<Upstream>[]): readonly Route<Upstream>[] {
  return routes.toSorted(
    (a, b) => Number(a.host === undefined) - Number(b.host === undefined) || b.prefix.length - a.prefix.length,
  )
}

/** Finds the upstream of a request; undefined when there is none. */
export function findRoute<Upstream>(
  routes: readonly Route<Upstream>[],
  host: string | undefined,
  path: string,
): Match<Upstream> | undefined {
  for (const { upstream, host: own, prefix } of routes) {
    if (own !== undefined && own !== host) continue
    if (prefix === "") return { upstream, rest: path }
    if (!path.startsWith(prefix)) continue
    const rest = path.slice(prefix.length)
    if (rest === "" || rest.startsWith("/") || rest.startsWith("?")) return { upstream, rest }
  }
  return undefined
}
