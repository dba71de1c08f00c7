import type { Clock } from "./runtime.ts"

/**
 * What an exchange listens to for its early end: a web AbortSignal, or the lighter {@link Cancellation}.
 * Policies and transports need no more of a signal than this.
 */
export interface Signal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: "abort", listener: () => void): void
  removeEventListener(type: "abort", listener: () => void): void
}

/**
 * A signal that follows its parent and can be cancelled by itself.
 * It stands in for AbortController and AbortSignal.any, which cost microseconds on every attempt.
 */
export class Cancellation implements Signal {
  aborted = false
  reason: unknown = undefined
  #listeners: (() => void)[] = []
  readonly #parent: Signal | undefined
  readonly #follow: (() => void) | undefined

  constructor(parent: Signal | undefined) {
    if (parent === undefined) return
    if (parent.aborted) {
      this.cancel(parent.reason)
      return
    }
    this.#parent = parent
    this.#follow = () => this.cancel(parent.reason)
    parent.addEventListener("abort", this.#follow)
  }

  /** Ends what listens, with this reason; only the first call counts. */
  cancel(reason: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    this.release()
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  /** Stops following the parent. To be called when what was guarded is over. */
  release(): void {
    if (this.#follow !== undefined) this.#parent?.removeEventListener("abort", this.#follow)
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const index = this.#listeners.indexOf(listener)
    if (index >= 0) this.#listeners.splice(index, 1)
  }
}

/** Waits so many milliseconds, or until the signal fires; resolves at once then. */
export function pause(clock: Clock, delayMs: number, signal: Signal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      callOff()
      signal?.removeEventListener("abort", over)
      resolve()
    }
    const callOff = clock.after(delayMs, over)
    if (signal?.aborted === true) over()
    else signal?.addEventListener("abort", over)
  })
}

/** What {@link untilAborted} gives when the signal fired first. */
export const ABORTED: unique symbol = Symbol("aborted")

/**
 * The value of work under way, or ABORTED as soon as the signal fires, whether or not the work heeds the signal.
 * A value that comes too late goes to `late`, so that what it holds can be let go.
 */
export function untilAborted<T>(
  work: Promise<T>,
  signal: Signal | undefined,
  late: (value: T) => void = () => {},
): Promise<T | typeof ABORTED> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(ABORTED)
    if (signal.aborted) abort()
    else signal.addEventListener("abort", abort)
    work.then(
      (value) => {
        signal.removeEventListener("abort", abort)
        if (!signal.aborted) return resolve(value)
        // A deadline may have come that has not told its listeners yet.
        abort()
        late(value)
      },
      (error: unknown) => {
        signal.removeEventListener("abort", abort)
        reject(error)
      },
    )
  })
}

/**
 * Runs what `limit` ends while it is under way. What it gives is ended by `outer` alone from then on.
 * @param hold Told how to stop following `outer`, for when what it gave is over.
 */
export async function untilSettled<T>(
  outer: Signal | undefined,
  limit: Signal,
  run: (signal: Signal) => Promise<T>,
  hold: (value: T, release: () => void) => unknown,
): Promise<T> {
  const inner = new Cancellation(outer)
  const expire = (): void => inner.cancel(limit.reason)
  const release = (): void => inner.release()
  if (limit.aborted) expire()
  else limit.addEventListener("abort", expire)
  try {
    const value = await run(inner)
    hold(value, release)
    return value
  } catch (defect) {
    release()
    throw defect
  } finally {
    limit.removeEventListener("abort", expire)
  }
}
