interface Asked<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Does in one go what is asked for while the last go is under way or in the same turn: so that one transaction, and one
 * wait for the disk, serves many.
 */
export class Batch<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>
  readonly #most: number
  readonly #weigh: (item: Item) => number
  /** Whether an error may be of one item alone, so that the others are to be tried without it. */
  readonly #isOfOne: (error: unknown) => boolean
  #asked: Asked<Item, Result>[] = []
  #isRunning = false

  constructor(
    most: number,
    weigh: (item: Item) => number,
    isOfOne: (error: unknown) => boolean,
    run: (items: readonly Item[]) => Promise<readonly Result[]>,
  ) {
    this.#most = most
    this.#weigh = weigh
    this.#isOfOne = isOfOne
    this.#run = run
  }

  do(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ item, resolve, reject })
      if (this.#isRunning) return
      this.#isRunning = true
      setImmediate(() => void this.#go())
    })
  }

  async #go(): Promise<void> {
    while (this.#asked.length > 0) {
      await this.#one(this.#asked.splice(0, this.#next()))
    }
    this.#isRunning = false
  }

  /** How many are no heavier than may be together; at least one. */
  #next(): number {
    let left = this.#most
    const tooMuch = this.#asked.findIndex(({ item }) => (left -= this.#weigh(item)) < 0)
    return tooMuch === -1 ? this.#asked.length : Math.max(1, tooMuch)
  }

  async #one(asked: readonly Asked<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#run(asked.map(({ item }) => item))
      for (const [index, { resolve }] of asked.entries()) resolve(results[index] as Result)
    } catch (error) {
      if (asked.length > 1 && this.#isOfOne(error)) {
        for (const one of asked) await this.#one([one])
      } else {
        for (const { reject } of asked) reject(error)
      }
    }
  }
}
