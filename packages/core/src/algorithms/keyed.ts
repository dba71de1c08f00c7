/** Keys remembered at once. */
const MOST_KEYS = 1000

/**
 * State per key, bounded: made when a key is first asked for; the one longest unused is forgotten first.
 */
export class Keyed<T> {
  readonly #make: (key: string) => T
  readonly #most: number
  readonly #states = new Map<string, T>()
  #lastKey: string | undefined
  #last: T | undefined

  /** @param most Keys remembered at once. Default 1000. */
  constructor(make: (key: string) => T, most = MOST_KEYS) {
    this.#make = make
    this.#most = most
  }

  /** The state of this key. */
  of(key: string): T {
    // Most clients ask for one key again and again.
    if (this.#last !== undefined && key === this.#lastKey) return this.#last
    const known = this.#states.get(key)
    const state = known ?? this.#make(key)
    if (known !== undefined) this.#states.delete(key)
    this.#states.set(key, state)
    if (this.#states.size > this.#most) this.#forgetOldest()
    this.#lastKey = key
    this.#last = state
    return state
  }

  #forgetOldest(): void {
    for (const key of this.#states.keys()) {
      this.#states.delete(key)
      return
    }
  }
}
