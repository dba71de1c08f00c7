/** A number that can be waited for. */
export class Milestone {
  #count = 0
  #over: Error | undefined
  #waiting: { readonly count: number; readonly resolve: () => void; readonly reject: (reason: Error) => void }[] = []

  get count(): number {
    return this.#count
  }

  set(count: number): void {
    this.#count = count
    const reached = this.#waiting.filter((wait) => wait.count === count)
    this.#waiting = this.#waiting.filter((wait) => wait.count !== count)
    for (const wait of reached) wait.resolve()
  }

  /** Resolves once the number is `count`, at once when `already` says that this lies behind. Rejects when that cannot be. */
  async reached(count: number, already: boolean): Promise<void> {
    if (already) return
    if (this.#over !== undefined) throw this.#over
    await new Promise<void>((resolve, reject) => this.#waiting.push({ count, resolve, reject }))
  }

  /** The number will not change any more. */
  end(reason: Error): void {
    this.#over = reason
    for (const wait of this.#waiting) wait.reject(reason)
    this.#waiting = []
  }
}
