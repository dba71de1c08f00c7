/** Between which numbers the limit moves, and where it begins. */
export interface VegasBounds {
  readonly min: number
  readonly max: number
  readonly initial: number
}

/** Fewer outcomes than this make no window: their median would be chance. */
const LEAST_SAMPLES = 20
/** More are not waited for, however high the limit. */
const MOST_SAMPLES = 100
/** How much a window's median moves the smoothed one. */
const GAIN = 1 / 3
/** The share of drops that a window may hold before it counts as overload: any server has a bad moment. */
const TOLERATED_DROPS = 0.1
/**
 * What is left of the limit after a window with more drops. Steps of log10 would leave a server that has collapsed under
 * timeouts no air for minutes; less than this costs a server that merely sheds load much of its throughput.
 */
const AFTER_DROPS = 0.75
/** The baseline is measured anew after so many outcomes per permit. */
const PROBE_EVERY = 30
/** How much of the limit is in use while the baseline is measured. */
const PROBE_SHARE = 0.5
/** How much more throughput the whole limit must give than the probe's share of it; with less, all that it adds is a queue. */
const LEAST_GAIN = 1.1
/** How fast the baseline follows times below it. Taken as they are, the least of many medians is luck, and the limit too low. */
const BASELINE_GAIN = 0.2

/**
 * Finds how many attempts a server takes at once, as TCP Vegas does (Brakmo and Peterson, 1995): what attempts take
 * beyond their time without load was spent in a queue, so `limit · (1 − baseline / time)` of them stand there. The limit
 * rises while that queue is short and falls when it is long.
 *
 * Single times say little, so it judges by medians of short windows, smoothed; the baseline is such a median too, and is
 * measured anew at half the limit from time to time, where no queue should stand. Taken at the full limit it would rise
 * with the very queue that it is to show. A probe also tells whether the other half is worth having: where throughput is
 * hardly higher with it, that half only queues, or is in the way, and the limit is halved until it counts.
 */
export class VegasLimit {
  readonly #bounds: VegasBounds
  #limit: number
  /** Whether only a share of the limit is given out, to measure the baseline. */
  #isProbing = false
  /** What began before says nothing about the present limit. */
  #since = Number.NEGATIVE_INFINITY
  #times: number[] = []
  #drops = 0
  #mostInFlight = 0
  /** Outcomes since the baseline was measured; it never was. */
  #sinceProbe = Number.POSITIVE_INFINITY
  #smoothedMs: number | undefined
  #baselineMs: number | undefined
  #why = "it begins"

  constructor(bounds: VegasBounds) {
    this.#bounds = bounds
    this.#limit = bounds.initial
  }

  /** How many attempts may be under way: a whole number from `min` to `max`. */
  get limit(): number {
    const { min } = this.#bounds
    return Math.max(min, Math.floor(this.#isProbing ? this.#limit * PROBE_SHARE : this.#limit))
  }

  /** Why the limit is what it is. */
  get why(): string {
    return this.#why
  }

  /**
   * An attempt ended.
   * @param beganAt Instant at which it went out.
   * @param now Instant at which it ended.
   * @param inFlight How many were under way as it went out, itself included.
   */
  served(beganAt: number, now: number, inFlight: number): void {
    if (beganAt < this.#since) return
    this.#times.push(now - beganAt)
    this.#mostInFlight = Math.max(this.#mostInFlight, inFlight)
    this.#closeWindow(now)
  }

  /** An attempt was given up before it ended: known is only that it takes longer, which is news when it took long. */
  cutOff(beganAt: number, now: number, inFlight: number): void {
    if (now - beganAt >= (this.#smoothedMs ?? Number.POSITIVE_INFINITY)) this.served(beganAt, now, inFlight)
  }

  /** An attempt ended with a sign of overload. */
  dropped(beganAt: number, now: number): void {
    if (beganAt < this.#since) return
    this.#drops++
    this.#closeWindow(now)
  }

  #closeWindow(now: number): void {
    const samples = this.#times.length + this.#drops
    if (samples < Math.min(Math.max(this.limit, LEAST_SAMPLES), MOST_SAMPLES)) return
    this.#sinceProbe += samples
    if (this.#drops > samples * TOLERATED_DROPS) this.#overloaded(samples, now)
    else this.#judge(median(this.#times), now)
    this.#times = []
    this.#drops = 0
    this.#mostInFlight = 0
  }

  #overloaded(samples: number, now: number): void {
    this.#isProbing = false
    this.#set(this.#limit * AFTER_DROPS, now, `${this.#drops} of ${samples} attempts ended with a sign of overload`)
  }

  #judge(windowMs: number, now: number): void {
    if (this.#isProbing) return this.#probed(windowMs, now)
    if (this.#baselineMs === undefined) {
      // A first burst meets an idle server: times too good to compare with. The next window is followed by a probe.
      this.#baselineMs = windowMs
      this.#since = now
      return
    }
    const smoothedMs = this.#smoothedMs ?? windowMs
    this.#smoothedMs = smoothedMs + GAIN * (windowMs - smoothedMs)
    if (this.#smoothedMs < this.#baselineMs) this.#baselineMs += BASELINE_GAIN * (this.#smoothedMs - this.#baselineMs)
    if (this.#sinceProbe >= PROBE_EVERY * this.#limit) {
      this.#isProbing = true
      this.#set(this.#limit, now, "attempts are timed at a lower limit")
    } else if (this.#mostInFlight * 2 >= this.#limit) this.#follow(1 - this.#baselineMs / this.#smoothedMs, now)
  }

  #probed(windowMs: number, now: number): void {
    const { limit } = this
    // Throughput is what is under way, by the time that it takes (Little's law).
    const gain = (this.#limit * windowMs) / (limit * (this.#smoothedMs ?? windowMs))
    if (gain < LEAST_GAIN && this.#limit > this.#bounds.min) {
      this.#smoothedMs = windowMs
      return this.#set(limit, now, `above ${limit} throughput hardly rises`)
    }
    this.#isProbing = false
    this.#baselineMs = windowMs
    this.#smoothedMs = undefined
    this.#sinceProbe = 0
    this.#set(this.#limit, now, `attempts were timed: ${windowMs} ms`)
  }

  /** @param queueing The share of an attempt's time that it stands in a queue; below 0 when it was never as fast. */
  #follow(queueing: number, now: number): void {
    const limit = this.#limit
    const step = Math.log10(limit + 1)
    const queue = Math.ceil(limit * queueing)
    const why = `about ${Math.max(0, queue)} of ${Math.floor(limit)} attempts queue at the server`
    if (queue <= step) this.#set(limit + 6 * step, now, why)
    else if (queue < 3 * step) this.#set(limit + step, now, why)
    else if (queue > 6 * step) this.#set(limit - step, now, why)
  }

  #set(limit: number, now: number, why: string): void {
    const { min, max } = this.#bounds
    this.#limit = Math.min(max, Math.max(min, limit))
    this.#since = now
    this.#why = why
  }
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? 0
}
