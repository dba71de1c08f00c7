import type { CallStory, KeyState, Second } from "./story.ts"

/** What is kept at most. */
export interface Room {
  /** Calls with their stories. */
  readonly calls: number
  readonly seconds: number
  /** Origins, and other keys of policies. */
  readonly keys: number
}

const ROOM: Room = { calls: 300, seconds: 300, keys: 50 }

/** What changed since a version: whole items, each in place of the one that it was. */
export interface Changes {
  readonly version: number
  readonly calls: readonly CallStory[]
  readonly seconds: readonly Second[]
  readonly keys: readonly KeyState[]
  /** The ids of all calls that are kept and under way: another one's end would never be told. */
  readonly underWay: readonly number[]
}

/** Which items go first when there are too many. */
interface Going<V> {
  /** Items that may not go while others may. */
  readonly mayGo?: (value: V) => boolean
  /** Whether an item that changes is as good as new. */
  readonly renewed?: boolean
}

/** Items by key, each with the version that it changed in. */
class Kept<K, V> {
  readonly #items = new Map<K, { value: V; version: number }>()
  readonly #most: number
  readonly #mayGo: (value: V) => boolean
  readonly #renewed: boolean

  constructor(most: number, { mayGo = () => true, renewed = false }: Going<V> = {}) {
    this.#most = most
    this.#mayGo = mayGo
    this.#renewed = renewed
  }

  get(key: K): V | undefined {
    return this.#items.get(key)?.value
  }

  put(key: K, value: V, version: number): void {
    if (this.#renewed) this.#items.delete(key)
    this.#items.set(key, { value, version })
    if (this.#items.size > this.#most) this.#items.delete(this.#leastWanted())
  }

  values(): V[] {
    return Array.from(this.#items.values(), ({ value }) => value)
  }

  since(version: number): V[] {
    return Array.from(this.#items.values())
      .filter((item) => item.version > version)
      .map(({ value }) => value)
  }

  forget(isGone: (value: V) => boolean): void {
    for (const [key, { value }] of this.#items) if (isGone(value)) this.#items.delete(key)
  }

  clear(): void {
    this.#items.clear()
  }

  /** The oldest that may go, else the oldest. */
  #leastWanted(): K {
    for (const [key, { value }] of this.#items) if (this.#mayGo(value)) return key
    const [oldest] = this.#items.keys()
    return oldest as K
  }
}

/**
 * What is seen of the calls of one program, in bounded memory. The program, what relays it and the page have one each;
 * the changes of one make the next.
 */
export class Picture {
  #version = 0
  readonly #calls: Kept<number, CallStory>
  readonly #seconds: Kept<number, Second>
  readonly #keys: Kept<string, KeyState>

  constructor(room: Partial<Room> = {}) {
    const { calls, seconds, keys } = { ...ROOM, ...room }
    this.#calls = new Kept(calls, { mayGo: ({ durationMs }) => durationMs !== undefined })
    this.#seconds = new Kept(seconds)
    this.#keys = new Kept(keys, { renewed: true })
  }

  get version(): number {
    return this.#version
  }

  /** From the oldest to the newest. */
  get calls(): CallStory[] {
    return this.#calls.values()
  }

  /** Those in which something happened, from the oldest to the newest. */
  get seconds(): Second[] {
    return this.#seconds.values()
  }

  /** From the one in which nothing happened for longest to the latest. */
  get keys(): KeyState[] {
    return this.#keys.values()
  }

  call(id: number): CallStory | undefined {
    return this.#calls.get(id)
  }

  second(at: number): Second {
    return (
      this.#seconds.get(at) ?? {
        at,
        begun: 0,
        calls: [0, 0, 0, 0, 0],
        attempts: [0, 0, 0, 0, 0],
        recovered: 0,
        waits: 0,
        waitMs: 0,
        latencies: {},
      }
    )
  }

  key(key: string): KeyState {
    return this.#keys.get(key) ?? { key, begun: 0, calls: 0, attempts: 0, failed: 0, budgets: {}, policies: {} }
  }

  /** Notes items that are new or have changed. */
  put({ calls = [], seconds = [], keys = [], underWay }: Partial<Changes>): void {
    this.#version += 1
    if (underWay !== undefined) {
      const known = new Set([...underWay, ...calls.map(({ id }) => id)])
      this.#calls.forget(({ id, durationMs }) => durationMs === undefined && !known.has(id))
    }
    for (const call of calls) this.#calls.put(call.id, call, this.#version)
    for (const second of seconds) this.#seconds.put(second.at, second, this.#version)
    for (const key of keys) this.#keys.put(key.key, key, this.#version)
  }

  /** What changed since a version; all there is since 0. */
  since(version: number): Changes {
    return {
      version: this.#version,
      calls: this.#calls.since(version),
      seconds: this.#seconds.since(version),
      keys: this.#keys.since(version),
      underWay: this.calls.flatMap(({ id, durationMs }) => (durationMs === undefined ? id : [])),
    }
  }

  clear(): void {
    for (const kept of [this.#calls, this.#seconds, this.#keys]) kept.clear()
  }
}
