/**
 * What statuses are compared by: their class, or that there was no reply. 304 is with the successes: whether a server sends
 * what it has, or says that it is still the same, depends on what the cache of a browser held.
 */
export type StatusGroup = `${number}xx` | "no reply"

export function statusGroup(status: number | undefined): StatusGroup {
  if (status === undefined) return "no reply"
  return status === 304 ? "2xx" : `${Math.floor(status / 100)}xx`
}

export function differs(recorded: number | undefined, now: number | undefined): boolean {
  return statusGroup(recorded) !== statusGroup(now)
}

/** Whether a call that ended so now needs no attention: it succeeded, or was redirected or refused as it was then. */
export function isAsItShouldBe(recorded: number | undefined, now: number | undefined): boolean {
  const group = statusGroup(now)
  if (group === "2xx") return true
  return group === statusGroup(recorded) && (group === "3xx" || group === "4xx")
}
