import type { Sample } from "./account.ts"

type Live = Pick<Sample, "sockets" | "rssBytes">

const countOf = (resource: string): number =>
  process.getActiveResourcesInfo().filter((name) => name === resource).length

/** The process under load: the most of now and an earlier look. Looks at most every 100 ms, as looking takes time. */
export function liveNumbers(earlier?: Live & { readonly lookedAt: number }): Live & { readonly lookedAt: number } {
  const now = performance.now()
  if (earlier !== undefined && now - earlier.lookedAt < 100) return earlier
  const rssBytes = Math.max(process.memoryUsage.rss(), earlier?.rssBytes ?? 0)
  return { lookedAt: now, rssBytes, sockets: Math.max(countOf("TCPSocketWrap"), earlier?.sockets ?? 0) }
}

/** The process when all garbage is collected; what finalizers free is garbage only after they have run. */
export async function collected(): Promise<Pick<Sample, "heapBytes" | "timers">> {
  for (let turn = 0; turn < 6; turn++) {
    globalThis.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { heapBytes: process.memoryUsage().heapUsed, timers: countOf("Timeout") }
}
