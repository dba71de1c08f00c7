import type { Clock } from "steadfetch"

/** What is asked of a server. */
export interface LoadPlan {
  /** The most calls under way. */
  readonly concurrency: number
  /** Arrivals per second, by schedule; undefined: the next call begins when one has ended. */
  readonly perSecond: number | undefined
  /** How long calls begin; undefined where `calls` says when it is over. */
  readonly durationMs: number | undefined
  /** How many calls begin; undefined where `durationMs` says when it is over. */
  readonly calls: number | undefined
}

/** How the time in which calls begin ended; "paused": the server asked for a pause that goes beyond it. */
export type LoadEnd = "complete" | "interrupted" | "paused"

/** The beginning of a call. */
export interface Start {
  /** The instant from which its latency counts: when it was due, so that a wait for its turn counts as well. */
  readonly countsFrom: number
  /** Milliseconds that it had to wait for others to end; 0 for none. */
  readonly lateMs: number
}

/** Timers are late by so much, and that is no wait of anyone's. */
const TIMER_MS = 2

/** Products of fractions are not exact: less than this share of an arrival is none. */
const ROUNDING = 1e-6

/** Where a number of calls is to be made, a longer pause ends the load. */
const LONGEST_PAUSE_MS = 60_000

/**
 * Begins calls: by a schedule (open model), or each when another has ended (closed model), never more than so many at a
 * time. What cannot begin when it is due begins as soon as there is room, and its latency counts from when it was due: a
 * server that stalls has to answer for those that it kept from coming (coordinated omission).
 */
export class Load {
  /** Arrivals that were due, and had not begun when it was over. */
  missed = 0
  /** Milliseconds for which the server wanted no calls. */
  pausedMs = 0
  readonly #plan: LoadPlan
  readonly #clock: Clock
  readonly #make: (start: Start) => Promise<void>
  readonly #finished: Promise<LoadEnd>
  #finish: (end: LoadEnd) => void = () => {}
  #fail: (defect: unknown) => void = () => {}
  #end: LoadEnd | undefined
  #defect: { readonly error: unknown } | undefined
  /** When the schedule began; later by each pause. */
  #startedAt = 0
  #endsAt = Number.POSITIVE_INFINITY
  #pausedUntil = 0
  #begun = 0
  #underWay = 0
  /** When the last place that was taken of all became free. */
  #roomSince = 0
  #whenOver: () => void = () => {}
  #callOffEnd: () => void = () => {}
  #callOffNext: () => void = () => {}

  /** @param make Makes a call, and resolves when it has ended in whatever way; rejects for a defect, which ends it all. */
  constructor(plan: LoadPlan, clock: Clock, make: (start: Start) => Promise<void>) {
    this.#plan = plan
    this.#clock = clock
    this.#make = make
    this.#finished = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
  }

  get underWay(): number {
    return this.#underWay
  }

  /** Whether no further call begins. */
  get isOver(): boolean {
    return this.#end !== undefined
  }

  /** Milliseconds that are left of a pause. */
  get pauseLeftMs(): number {
    return Math.max(0, this.#pausedUntil - this.#clock.now())
  }

  /**
   * Resolves when all calls have ended. When the signal fires no further one begins; ending those under way is up to `make`.
   * @param pauseMs How long nothing may begin, from what was asked before.
   * @param whenOver Called when no further call begins.
   */
  run(signal: AbortSignal, pauseMs = 0, whenOver: () => void = () => {}): Promise<LoadEnd> {
    const interrupt = (): void => this.#stop("interrupted")
    this.#whenOver = (): void => {
      signal.removeEventListener("abort", interrupt)
      whenOver()
    }
    signal.addEventListener("abort", interrupt)
    const { durationMs } = this.#plan
    this.#startedAt = this.#clock.now()
    if (durationMs !== undefined) {
      this.#endsAt = this.#startedAt + durationMs
      this.#callOffEnd = this.#clock.after(durationMs, () => {
        // What was due until now has its chance.
        this.#fill()
        this.#stop("complete")
      })
    }
    if (signal.aborted) interrupt()
    this.pause(pauseMs)
    this.#fill()
    return this.#finished
  }

  /** Begins nothing for so many milliseconds: the schedule stands still. Never shortens a pause. */
  pause(pauseMs: number): void {
    const now = this.#clock.now()
    const wasUntil = Math.max(now, this.#pausedUntil)
    const addedMs = now + pauseMs - wasUntil
    if (addedMs <= 0) return
    this.#pausedUntil = now + pauseMs
    if (this.isOver) return
    this.#startedAt += addedMs
    this.pausedMs += addedMs
    const isTooLong = this.#plan.calls !== undefined && pauseMs > LONGEST_PAUSE_MS
    if (isTooLong || this.#pausedUntil >= this.#endsAt) this.#stop("paused")
  }

  /** Begins what can begin now, and sees to it that the rest begins when it can. */
  #fill(): void {
    this.#callOffNext()
    while (this.#end === undefined && this.#underWay < this.#plan.concurrency) {
      if (this.#begun === this.#plan.calls) return this.#stop("complete")
      const now = this.#clock.now()
      const dueAt = this.#dueAt(now)
      if (dueAt >= this.#endsAt) return
      const beginsAt = Math.max(dueAt, this.#pausedUntil)
      if (beginsAt > now) {
        this.#callOffNext = this.#clock.after(beginsAt - now, () => this.#fill())
        return
      }
      void this.#begin(dueAt, now)
    }
  }

  #dueAt(now: number): number {
    const { perSecond } = this.#plan
    return perSecond === undefined ? now : this.#startedAt + (this.#begun * 1000) / perSecond
  }

  async #begin(dueAt: number, now: number): Promise<void> {
    const hadToWait = this.#roomSince > dueAt
    const isLate = hadToWait || now - dueAt > TIMER_MS
    this.#begun++
    this.#underWay++
    try {
      await this.#make({ countsFrom: isLate ? dueAt : now, lateMs: hadToWait ? now - dueAt : 0 })
    } catch (error) {
      this.#defect ??= { error }
      this.#stop("interrupted")
    }
    if (this.#underWay === this.#plan.concurrency) this.#roomSince = this.#clock.now()
    this.#underWay--
    this.#fill()
    this.#settle()
  }

  #stop(end: LoadEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#callOffEnd()
    this.#callOffNext()
    const { perSecond } = this.#plan
    const untilNow = Math.min(this.#clock.now(), this.#endsAt)
    if (perSecond !== undefined && end === "complete" && this.#plan.calls === undefined)
      this.missed = Math.max(0, Math.ceil(((untilNow - this.#startedAt) * perSecond) / 1000 - ROUNDING) - this.#begun)
    this.#whenOver()
    this.#settle()
  }

  #settle(): void {
    if (this.#end === undefined || this.#underWay > 0) return
    if (this.#defect === undefined) this.#finish(this.#end)
    else this.#fail(this.#defect.error)
  }
}
