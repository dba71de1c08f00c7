/** Keys remembered at once. */
const MOST_KEYS = 1000

/** So many times as many are remembered where that many are in use. */
const IN_USE_FACTOR = 10

/** How many of the keys longest unused are looked at when a new one comes: more than come, so that the rest is soon found. */
const LOOKS = 8

/**
 * State per key, bounded: made when a key is first asked for; the one longest unused is forgotten first. State that is in
 * use, such as a pause that a server asked for, is not forgotten before there is ten times as much.
 */
export class Keyed<T> {
  readonly #make: (key: string) => T
  readonly #isInUse: (state: T) => boolean
  readonly #most: number
  readonly #states = new Map<string, T>()
  #lastKey: string | undefined
  #last: T | undefined

  /**
   * @param isInUse Whether forgetting a state would do harm at this moment. Default: never.
   * @param most Keys remembered at once. Default 1000.
   */
  constructor(make: (key: string) => T, isInUse: (state: T) => boolean = () => false, most = MOST_KEYS) {
    this.#make = make
    this.#isInUse = isInUse
    this.#most = most
  }

  /** The state of this key. */
  of(key: string): T {
    // Most clients ask for one key again and again.
    if (this.#last !== undefined && key === this.#lastKey) return this.#last
    const known = this.#states.get(key)
    if (known === undefined) this.#makeRoom()
    else this.#states.delete(key)
    const state = known ?? this.#make(key)
    this.#states.set(key, state)
    this.#lastKey = key
    this.#last = state
    return state
  }

  /** What is in use counts as used now, so that each look finds others. */
  #makeRoom(): void {
    for (let looks = 0; looks < LOOKS && this.#states.size >= this.#most; looks++) {
      for (const [key, state] of this.#states) {
        this.#states.delete(key)
        if (this.#states.size < this.#most * IN_USE_FACTOR - 1 && this.#isInUse(state)) this.#states.set(key, state)
        break
      }
    }
  }
}
