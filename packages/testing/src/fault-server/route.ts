/** Which requests a script is for. */
export interface Route {
  /** Undefined: all methods. */
  readonly method: string | undefined
  readonly path: string
  /** Whether the path is the beginning of longer ones. */
  readonly prefix: boolean
}

/** Reads `METHOD /path`, `/path` or either with `*` at the end; a text says what is wrong. */
export function parseRoute(name: string): Route | string {
  const [, method, path, star] = /^(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+) )?(\/[^\s*?#]*)(\*?)$/.exec(name) ?? []
  if (path === undefined) {
    return 'is no route; write "GET /path", "/path", or either with a * at the end, without a query'
  }
  return { method, path, prefix: star === "*" }
}

/** How well a route fits a request: the larger the better, undefined when it does not. */
export function fit(route: Route, method: string, path: string): number | undefined {
  if (route.method !== undefined && route.method !== method) return undefined
  const fits = route.prefix ? path.startsWith(route.path) : path === route.path
  if (!fits) return undefined
  const specificity = route.prefix ? route.path.length : Number.MAX_SAFE_INTEGER / 4
  return specificity * 2 + (route.method === undefined ? 0 : 1)
}
