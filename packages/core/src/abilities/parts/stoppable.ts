import { ABORTED, Cancellation, untilAborted, type Signal } from "../../cancellation.ts"

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** The reason for which work ends whose consumer has left. */
const LEFT = /* @__PURE__ */ Symbol("left")

/**
 * An iterator over what comes from the network. Unlike a generator it ends at once, also while a value is waited for: when
 * its consumer leaves, and, with the signal's reason, when the signal fires. It listens from its first value to its end.
 */
export abstract class Stoppable<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #signal: Signal | undefined
  #cancellation: Cancellation | undefined
  #items: AsyncGenerator<T, void, undefined> | undefined
  #isOver = false

  constructor(signal: Signal | undefined) {
    this.#signal = signal
  }

  /** Makes the values, one when it is asked for; whatever it holds, it lets go of when the signal fires or it is returned. */
  protected abstract run(signal: Signal): AsyncGenerator<T, void, undefined>

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return OVER
    const cancellation = (this.#cancellation ??= new Cancellation(this.#signal))
    this.#items ??= this.#start(cancellation)
    try {
      const result = await untilAborted(this.#items.next(), cancellation)
      if (result !== ABORTED && result.done !== true) return result
      if (result === ABORTED && cancellation.reason !== LEFT) throw cancellation.reason
    } catch (error) {
      this.#end()
      throw error
    }
    this.#end()
    return OVER
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#end()
    return OVER
  }

  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    this.#end()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Waiting for nothing: what is held is let go of, not read on. */
  #start(cancellation: Cancellation): AsyncGenerator<T, void, undefined> {
    const items = this.run(cancellation)
    cancellation.addEventListener("abort", () => void items.return().catch(() => {}))
    return items
  }

  #end(): void {
    this.#isOver = true
    this.#cancellation?.cancel(LEFT)
  }
}
