/** Long enough that one collection of garbage is not taken for a busy process. */
const SLICE_MS = 5000

/** Watches this process from now on; returns what asks for the share of a core that it used in its busiest 5 s. */
export function watchCpu(): () => number {
  let busiest = 0
  let usage = process.cpuUsage()
  let since = performance.now()
  const look = (): void => {
    const passedMs = performance.now() - since
    const { user, system } = process.cpuUsage(usage)
    busiest = Math.max(busiest, (user + system) / 1000 / passedMs)
    usage = process.cpuUsage()
    since = performance.now()
  }
  setInterval(look, SLICE_MS).unref()
  return () => busiest
}
