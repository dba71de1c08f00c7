import type { Success } from "../../../call-outcome.ts"

/** Where a monitor is, and whether it is known to be one, rather than what the operation makes. */
export interface Monitor {
  readonly url: string
  readonly isMonitor: boolean
}

/** Fields that name nothing but a status monitor (Microsoft's API guidelines; Azure Resource Manager). */
const MONITOR_FIELDS: readonly string[] = ["operation-location", "azure-asyncoperation"]

/** Fields that name it in a 202 (RFC 9110 §15.3.3, §10.2.2, §8.7). */
const PLACE_FIELDS: readonly string[] = ["location", "content-location"]

/** The monitor that a reply names in its fields. @param isRunning Whether Location can only be that of the monitor. */
export function namedMonitor(reply: Success, isRunning: boolean): Monitor | undefined {
  const named = (names: readonly string[]): string | undefined =>
    names.map((name) => resolved(reply.headers.get(name), reply.url)).find((url) => url !== undefined)
  const own = named(MONITOR_FIELDS)
  if (own !== undefined) return { url: own, isMonitor: true }
  const url = isRunning ? named(PLACE_FIELDS) : undefined
  return url === undefined ? undefined : { url, isMonitor: false }
}

/** A URL of the server's, absolute; undefined for none, and for what is not http(s) or holds credentials. */
export function resolved(given: string | URL | null | undefined, base: string): string | undefined {
  if (given == null || given === "" || !URL.canParse(String(given), base)) return undefined
  const { href } = new URL(given, base)
  return /^https?:\/\/[^/?#@]*(?:[/?#]|$)/.test(href) ? href : undefined
}
