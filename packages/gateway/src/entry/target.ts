import type { Problem } from "../problem.ts"

/** What a request asks for. */
export interface Target {
  /** The authority: of the target where it has one, else of Host (RFC 9112 §3.2.2). */
  readonly authority: string
  /** Path and query; "*" for the server itself. */
  readonly path: string
}

const refused = (detail: string): Problem => ({ status: 400, code: "bad-target", detail })

/** Reads the request target (RFC 9112 §3.2) against Host. */
export function readTarget(method: string, target: string, host: string): Target | Problem {
  if (!/^[\x21-\x7e]+$/.test(target) || /[#\\]/.test(target))
    return refused("The request target holds a character that none can have; percent-encode it.")
  if (target === "*") {
    return method === "OPTIONS" ? { authority: host, path: "*" } : refused('"*" is a target for OPTIONS alone.')
  }
  const absolute = /^http:\/\/([^/?@]+)(.*)$/i.exec(target)
  const path = absolute === null ? target : (absolute[2] ?? "")
  const whole = path === "" || path.startsWith("?") ? `/${path}` : path
  if (!whole.startsWith("/") || (absolute === null && !target.startsWith("/")))
    return refused('The request target is no path; write it as "/path".')
  if (hasDotSegments(whole))
    return refused('The path has "." or ".." segments, with which it could leave its upstream; resolve them first.')
  return { authority: absolute?.[1] ?? host, path: whole }
}

/** Also where dots or the slashes around them are encoded. */
export function hasDotSegments(path: string): boolean {
  const [bare = ""] = path.split("?", 1)
  if (!/\.|%2e/i.test(bare)) return false
  return bare.split(/\/|%2f|%5c/i).some((segment) => /^(\.|%2e){1,2}(;|$)/i.test(segment))
}

/** The name in an authority, in lower case and without port; undefined for what is none. */
export function hostOf(authority: string): string | undefined {
  return /^([a-z\d._-]+|\[[\da-f:.]+\])(:\d{0,5})?$/i.exec(authority)?.[1]?.toLowerCase()
}
