import type { Sample } from "./account.ts"

/** A look at the process under load. */
export interface Look {
  readonly lookedAt: number
  readonly sockets: number
}

const countOf = (resource: string): number =>
  process.getActiveResourcesInfo().filter((name) => name === resource).length

/** The most of now and an earlier look. Looks at most every 100 ms, as looking takes time. */
export function look(earlier?: Look): Look {
  const now = performance.now()
  if (earlier !== undefined && now - earlier.lookedAt < 100) return earlier
  return { lookedAt: now, sockets: Math.max(countOf("TCPSocketWrap"), earlier?.sockets ?? 0) }
}

/** The process when all garbage is collected; what finalizers free is garbage only after they have run. */
export async function collected(): Promise<Pick<Sample, "heapBytes" | "rssBytes" | "timers">> {
  for (let turn = 0; turn < 6; turn++) {
    globalThis.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heapBytes: heapUsed + external, rssBytes: rss, timers: countOf("Timeout") }
}
