/** Latencies counted by size, so that any number of them takes the same room and seconds can be added up. */
export type Latencies = Record<number, number>

/** Steps per doubling: a latency is known to within 9 %. */
const STEPS = 8

/** Which step a latency falls on. */
function stepOf(ms: number): number {
  return Math.round(Math.log2(Math.max(ms, 0) + 1) * STEPS)
}

/** Notes a latency. */
export function note(latencies: Latencies, ms: number): void {
  const step = stepOf(ms)
  latencies[step] = (latencies[step] ?? 0) + 1
}

/** The latency in ms that this share of all does not exceed; undefined when there are none. */
export function percentile(all: readonly Latencies[], share: number): number | undefined {
  const sums = new Map<number, number>()
  let total = 0
  for (const latencies of all) {
    for (const [step, count] of Object.entries(latencies)) {
      sums.set(Number(step), (sums.get(Number(step)) ?? 0) + count)
      total += count
    }
  }
  let left = Math.ceil(total * share)
  for (const [step, count] of [...sums].toSorted(([one], [other]) => one - other)) {
    left -= count
    if (left <= 0) return 2 ** (step / STEPS) - 1
  }
  return undefined
}
