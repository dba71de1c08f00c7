import type { Batch, BatchCounts, BatchEnd, BatchOptions } from "./batch.ts"
import type { Call } from "./call.ts"
import type { Success } from "./call-outcome.ts"
import { ABORTED, Cancellation, untilAborted, type Signal } from "./cancellation.ts"
import { kindOf, refuse } from "./validation.ts"

/** A batch, checked. */
export interface BatchPlan extends BatchOptions<unknown, unknown> {
  readonly items: Iterable<unknown> | AsyncIterable<unknown>
  /** Makes the call for an item; undefined where the items are calls. */
  readonly make: ((item: unknown, index: number) => unknown) | undefined
  readonly concurrency: number
}

type End = BatchEnd<unknown, unknown>
type Place = Pick<End, "index" | "item">

/** One batch under way. */
export class BatchRun {
  readonly #plan: BatchPlan
  readonly #ends: End[] = []
  readonly #counts: { -readonly [Kind in keyof BatchCounts]: number }
  /** Fires when no further call is to begin. */
  readonly #stop: Cancellation
  /** What the user's own code threw. */
  #defect: { readonly error: unknown } | undefined
  #running = 0
  #done = 0
  #freed: () => void = () => {}

  constructor(plan: BatchPlan) {
    this.#plan = plan
    this.#counts = { success: 0, "client-error": 0, "server-error": 0, "no-reply": 0, thrown: 0, "not-sent": 0 }
    this.#stop = new Cancellation(plan.signal)
  }

  async run(): Promise<Batch<unknown, unknown>> {
    const { items } = this.#plan
    await this.#beginAll(items)
    while (this.#running > 0) await this.#free()
    this.#stop.release()
    if (this.#defect !== undefined) throw this.#defect.error
    if (Array.isArray(items)) {
      for (let index = this.#ends.length; index < items.length; index++)
        this.#note({ index, item: items[index], kind: "not-sent", outcome: undefined, error: undefined })
    }
    return { ends: this.#ends, counts: this.#counts, isStopped: this.#stop.aborted }
  }

  /** Begins one call after the other as there is room. An item is asked for only then. */
  async #beginAll(items: BatchPlan["items"]): Promise<void> {
    try {
      const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
      for (let index = 0; ; index++) {
        if (this.#running >= this.#plan.concurrency) await this.#free()
        if (this.#stop.aborted) break
        const next = await untilAborted(Promise.resolve(iterator.next()), this.#stop)
        if (next === ABORTED) break
        if (next.done === true) return
        void this.#make({ index, item: next.value })
      }
      // Not waited for: it may be under way with an item, for as long as it likes.
      Promise.resolve(iterator.return?.()).catch(() => {})
    } catch (error) {
      this.#break(error)
    }
  }

  /** Makes the call of one item; never rejects. */
  async #make(place: Place): Promise<void> {
    this.#running++
    try {
      const end = await this.#ended(place)
      this.#note(end)
      const { onProgress, stopWhen, items } = this.#plan
      const total = Array.isArray(items) ? items.length : undefined
      onProgress?.({ end, done: ++this.#done, total, counts: { ...this.#counts } })
      if (stopWhen?.(end, { ...this.#counts }) === true) this.#stop.cancel(undefined)
    } catch (error) {
      this.#break(error)
    }
    this.#running--
    this.#freed()
  }

  async #ended(place: Place): Promise<End> {
    const { make, signal: shared } = this.#plan
    let call: unknown
    try {
      call = make === undefined ? place.item : make(place.item, place.index)
    } catch (error) {
      return { ...place, kind: "thrown", outcome: undefined, error }
    }
    checkCall(call, place.index)
    const { signal, release } = either(shared, call.context.options.signal)
    try {
      // A call that was sent before does not know this signal.
      const outcome = await untilAborted(call.outcome({ signal }), signal)
      if (outcome === ABORTED) return { ...place, kind: "thrown", outcome: undefined, error: signal.reason }
      if (outcome.kind === "success") return await this.#read(place, outcome, signal)
      return { ...place, kind: outcome.kind, outcome, error: outcome.error } as End
    } catch (error) {
      return { ...place, kind: "thrown", outcome: undefined, error }
    } finally {
      release()
    }
  }

  async #read(place: Place, outcome: Success, signal: Signal): Promise<End> {
    try {
      const value = await untilAborted(Promise.resolve(this.#plan.read?.(outcome, place.item)), signal)
      if (value === ABORTED) return { ...place, kind: "thrown", outcome, error: signal.reason }
      return { ...place, kind: "success", outcome, value }
    } catch (error) {
      return { ...place, kind: "thrown", outcome, error }
    }
  }

  #note(end: End): void {
    this.#ends[end.index] = end
    this.#counts[end.kind]++
  }

  #break(error: unknown): void {
    this.#defect ??= { error }
    this.#stop.cancel(error)
  }

  /** Resolves when the next call has ended. */
  #free(): Promise<void> {
    return new Promise((resolve) => {
      this.#freed = resolve
    })
  }
}

/** Refuses what is no call that can still be sent. @throws ConfigurationError. */
export function checkCall(call: unknown, index: number): asserts call is Call {
  if (typeof (call as Partial<Call> | null | undefined)?.outcome === "function") return
  // Nobody waits for it now; its error would end the program before this one is read.
  if (call instanceof Promise) call.catch(() => {})
  refuse(`all: call ${index}`, kindOf(call), "a call that nobody has read: api.get(url), without .json()")
}

/** One signal for two, and how to stop listening. */
function either(
  one: Signal | undefined,
  other: Signal | undefined,
): { readonly signal: Signal; readonly release: () => void } {
  const signal = new Cancellation(one)
  const follow = (): void => signal.cancel(other?.reason)
  if (other?.aborted === true) follow()
  else other?.addEventListener("abort", follow)
  return {
    signal,
    release: () => {
      signal.release()
      other?.removeEventListener("abort", follow)
    },
  }
}
