/**
 * A queue with a line for each share: within a line first come, first served; between lines one from each in turn. With
 * one share it is a plain queue.
 */
export class FairQueue<T> {
  /** In the order in which they are served next. */
  readonly #lines = new Map<string, T[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** How many would be served before one that comes now, if nobody else came. */
  ahead(share: string): number {
    const own = this.#lines.get(share)?.length ?? 0
    let ahead = own
    for (const [other, line] of this.#lines) if (other !== share) ahead += Math.min(line.length, own + 1)
    return ahead
  }

  push(share: string, item: T): void {
    const line = this.#lines.get(share)
    if (line === undefined) this.#lines.set(share, [item])
    else line.push(item)
    this.#size++
  }

  /** Who is served next. */
  peek(): T | undefined {
    for (const line of this.#lines.values()) return line[0]
    return undefined
  }

  /** Takes out who is served next. */
  shift(): T | undefined {
    for (const [share, line] of this.#lines) {
      const item = line.shift()
      this.#lines.delete(share)
      if (line.length > 0) this.#lines.set(share, line)
      this.#size--
      return item
    }
    return undefined
  }

  /** Takes this one out, wherever it stands; false when it is not in it. */
  remove(share: string, item: T): boolean {
    const line = this.#lines.get(share)
    const index = line?.indexOf(item) ?? -1
    if (line === undefined || index < 0) return false
    line.splice(index, 1)
    if (line.length === 0) this.#lines.delete(share)
    this.#size--
    return true
  }

  /** The last of the longest line, if that is longer than this share's would be with one more: who is to make room. */
  displaced(share: string): T | undefined {
    let longest: readonly T[] = []
    for (const line of this.#lines.values()) if (line.length > longest.length) longest = line
    return longest.length > (this.#lines.get(share)?.length ?? 0) + 1 ? longest.at(-1) : undefined
  }

  /** All of them, in the order in which they would be served. */
  inOrder(): T[] {
    const lines = [...this.#lines.values()]
    const longest = Math.max(0, ...lines.map(({ length }) => length))
    return Array.from({ length: longest }, (_, round) => lines.flatMap((line) => line.slice(round, round + 1))).flat()
  }
}
