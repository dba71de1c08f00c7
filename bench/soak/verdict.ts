import type { Account, Sample } from "./account.ts"

/** One thing that must hold. */
export interface Rule {
  readonly name: string
  readonly measured: string
  readonly required: string
  readonly isMet: boolean
}

/** The share of samples during which caches fill, pools grow and code is compiled. */
const WARM_UP = 0.25

/** Half of what the smallest object with a field takes in a list. */
const MOST_HEAP_BYTES_PER_CALL = 20

/** Compiled code comes and goes, by about so much. */
const HEAP_NOISE_BYTES = 2 * 1024 * 1024

const MOST_RSS_GROWTH = 0.1

/** What must hold of a run. */
export function verdict(account: Account): readonly Rule[] {
  const { samples, ends, unexpected, listeners, resources, complaints, openConnections, exitCode } = account
  const { calls, heapBytes, rssShare } = growth(samples)
  const mostHeapBytes = HEAP_NOISE_BYTES + MOST_HEAP_BYTES_PER_CALL * calls
  const timers = Math.max(0, ...samples.map((sample) => sample.timers))
  const kinds = Object.keys(ends).length
  const none = (name: string, found: readonly string[]): Rule => ({
    name,
    measured: found.length === 0 ? "none" : found.slice(0, 5).join("; "),
    required: "none",
    isMet: found.length === 0,
  })
  const zero = (name: string, count: number): Rule => ({
    name,
    measured: `${count}`,
    required: "0",
    isMet: count === 0,
  })
  return [
    {
      name: "growth of heap and buffers after warm-up",
      measured: `${megabytes(heapBytes)} over ${calls} calls`,
      required: `at most ${megabytes(mostHeapBytes)}`,
      isMet: heapBytes <= mostHeapBytes,
    },
    {
      name: "growth of the resident set after warm-up",
      measured: `${(rssShare * 100).toFixed(1)} %`,
      required: `at most ${MOST_RSS_GROWTH * 100} %`,
      isMet: rssShare <= MOST_RSS_GROWTH,
    },
    none(`unexpected ends, of ${kinds} kinds of calls`, unexpected),
    zero("timers left between rounds, at most", timers),
    zero("listeners left on the shared signal", listeners),
    zero("connections left on the server", openConnections),
    none("other resources left", resources),
    none("unhandled rejections, exceptions and warnings", complaints),
    {
      name: "the process ends by itself",
      measured: exitCode === undefined ? "it had to be ended" : `with ${exitCode}`,
      required: "with 0",
      isMet: exitCode === 0,
    },
  ]
}

interface Growth {
  /** From the middle of the earlier part to the middle of the later one. */
  readonly calls: number
  readonly heapBytes: number
  /** As a share of the earlier part. */
  readonly rssShare: number
}

/** How the later half of the samples differs from the earlier one, warm-up left out, by their medians. */
function growth(samples: readonly Sample[]): Growth {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP))
  const middle = Math.floor(warm.length / 2)
  const change = (of: (sample: Sample) => number): [from: number, by: number] => {
    const from = median(warm.slice(0, middle).map(of))
    return [from, median(warm.slice(middle).map(of)) - from]
  }
  const [rssBytes, rssGrowth] = change((sample) => sample.rssBytes)
  return {
    calls: Math.round(change((sample) => sample.calls)[1]),
    heapBytes: change((sample) => sample.heapBytes)[1],
    rssShare: rssGrowth / rssBytes,
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = low] =
    sorted.length % 2 === 0 ? sorted.slice(middle - 1, middle + 1) : [sorted[middle]]
  return (low + high) / 2
}

/** Bytes in words. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
