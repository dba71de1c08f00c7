/** The time that a speed is usually taken over: long enough for it to be steady, short enough to follow what happens. */
const WINDOW_MS = 10_000

/** Between two samples, so that there are never many. */
const SPACING_MS = 100

/** Before this it says nothing: the first numbers would be wild. */
const SHORTEST_MS = 500

interface Sample {
  readonly atMs: number
  readonly amount: number
}

/** How fast something grows, from how much there was at which time. */
export class Speed {
  readonly #samples: Sample[] = []
  readonly #windowMs: number

  /** @param windowMs The time that it is taken over. */
  constructor(windowMs = WINDOW_MS) {
    this.#windowMs = windowMs
  }

  /** There is so much now. Less than before is a new beginning. */
  note(atMs: number, amount: number): void {
    const samples = this.#samples
    const last = samples.at(-1)
    if (last !== undefined && amount < last.amount) samples.length = 0
    // The first one stays: it is where the window begins.
    if (samples.length > 1 && atMs - (samples.at(-2)?.atMs ?? 0) < SPACING_MS) samples.pop()
    samples.push({ atMs, amount })
    while (samples.length > 2 && atMs - (samples[1]?.atMs ?? 0) >= this.#windowMs) samples.shift()
  }

  /** Per second, up to now, so that it sinks while nothing comes; undefined while it cannot be told. */
  perSecond(nowMs: number): number | undefined {
    const samples = this.#samples
    const last = samples.at(-1)
    if (last === undefined) return undefined
    const first = samples.findLast(({ atMs }) => nowMs - atMs >= this.#windowMs) ?? samples[0] ?? last
    const elapsedMs = nowMs - first.atMs
    return elapsedMs < SHORTEST_MS ? undefined : ((last.amount - first.amount) / elapsedMs) * 1000
  }
}

/** Milliseconds until it is done at this speed; undefined where that cannot be told. */
export function timeLeftMs(amount: number, total: number | undefined, perSecond: number | undefined) {
  if (total === undefined || perSecond === undefined || perSecond <= 0) return undefined
  return (Math.max(0, total - amount) / perSecond) * 1000
}
