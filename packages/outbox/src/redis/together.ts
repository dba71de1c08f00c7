interface Waiting<Item, End> {
  readonly item: Item
  readonly resolve: (end: End) => void
  readonly reject: (error: unknown) => void
}

/** Does what several callers ask for at the same time in one step. */
export class Together<Item, End> {
  readonly #most: number
  readonly #sizeOf: (item: Item) => number
  readonly #run: (items: readonly Item[]) => Promise<readonly End[]>
  #waiting: Waiting<Item, End>[] = []

  /** @param most Of a step's size; an item that is larger has a step of its own. */
  constructor(most: number, sizeOf: (item: Item) => number, run: (items: readonly Item[]) => Promise<readonly End[]>) {
    this.#most = most
    this.#sizeOf = sizeOf
    this.#run = run
  }

  do(item: Item): Promise<End> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ item, resolve, reject }) === 1) process.nextTick(() => this.#flush())
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let from = 0; from < waiting.length;) {
      const group: Waiting<Item, End>[] = []
      for (let size = 0; from < waiting.length; from++) {
        const next = waiting[from]
        if (next === undefined) break
        size += this.#sizeOf(next.item)
        if (group.length > 0 && size > this.#most) break
        group.push(next)
      }
      void this.#step(group)
    }
  }

  async #step(group: readonly Waiting<Item, End>[]): Promise<void> {
    try {
      const ends = await this.#run(group.map(({ item }) => item))
      for (const [index, end] of ends.entries()) group[index]?.resolve(end)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
}
