import { expect, test } from "vitest"
import type { Claimed, ClaimRequest, Conclusion, NewEntry, Store, StoredBody, StoredEntry } from "../store.ts"

/** How time passes for a store. */
export interface StoreTime {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number
  /** Resolves once so much time has passed: at once where time is virtual. */
  pass(ms: number): Promise<void>
  /** The shortest delay and lease in the cases: what the store tells apart for certain. */
  readonly stepMs: number
  /** Whether the store goes by a clock of its own, and so may be a little late. */
  readonly isReal: boolean
}

/** One set of data, empty at first, with all that is needed to look at it. */
export interface StoreBacking {
  /** A store on the data, opened; each call gives another one, as another process would have. */
  open(): Promise<Store>
  readonly time: StoreTime
  /** Deletes the data. The stores are closed by then. */
  remove(): Promise<void>
}

export const ORIGIN = "https://api.example.com"
export const OTHER_ORIGIN = "https://other.example.com"

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

const noRoom = (): number => 0
const anyRoom = (): number => Number.MAX_SAFE_INTEGER
/** How a claim of an origin that is held back looks. */
export const heldBack = { room: noRoom }

/** So often a store with a clock of its own is asked before the case gives up: 20 steps. */
const REAL_TRIES = 200

let lastEntry = 0

/** A UUID of version 7 whose order is that of the calls. */
function nextId(now: number): string {
  const time = Math.floor(now).toString(16).padStart(12, "0")
  const count = (++lastEntry).toString(16).padStart(15, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.slice(0, 3)}-8${count.slice(3, 6)}-000${count.slice(6)}`
}

/** Where a sentence about stores is put to the test. */
export class Stage implements AsyncDisposable {
  readonly backing: StoreBacking
  readonly time: StoreTime
  readonly store: Store
  readonly #stores = new Set<Store>()

  static async open(openBacking: () => Promise<StoreBacking>): Promise<Stage> {
    const backing = await openBacking()
    return new Stage(backing, await backing.open())
  }

  private constructor(backing: StoreBacking, store: Store) {
    this.backing = backing
    this.time = backing.time
    this.store = store
    this.#stores.add(store)
  }

  /** Another store on the same data. */
  async another(): Promise<Store> {
    const store = await this.backing.open()
    this.#stores.add(store)
    return store
  }

  async close(store: Store): Promise<void> {
    this.#stores.delete(store)
    await store.close()
  }

  /** Closes all stores, and gives one that has seen nothing but the data. */
  async reopen(): Promise<Store> {
    for (const store of this.#stores) await this.close(store)
    return this.another()
  }

  entry(parts: Partial<NewEntry> = {}): NewEntry {
    const now = this.time.now()
    return {
      id: nextId(now),
      origin: ORIGIN,
      key: undefined,
      orderingKey: undefined,
      afterRejection: "hold",
      priority: 0,
      addedAt: now,
      dueAt: now,
      expiresAt: now + 86_400_000,
      content: bytes("content"),
      body: undefined,
      ...parts,
    }
  }

  /** Adds one entry; its id. */
  async add(parts: Partial<NewEntry> = {}, store = this.store): Promise<string> {
    const [added] = await store.add([this.entry(parts)])
    if (added === undefined) throw new Error("add told of no entry")
    return added.entry.id
  }

  /** Adds entries one after the other; their ids. */
  async addAll(...all: readonly Partial<NewEntry>[]): Promise<string[]> {
    const ids: string[] = []
    for (const parts of all) ids.push(await this.add(parts))
    return ids
  }

  request(parts: Partial<ClaimRequest> = {}): ClaimRequest {
    const at = this.time.now()
    return { at, leaseUntil: at + 10 * this.time.stepMs, most: 100, room: anyRoom, ...parts }
  }

  /** Takes exactly so many; a store with a clock of its own is asked for them until they are due for it too. */
  async take(count: number, parts: Partial<ClaimRequest> = {}, store = this.store): Promise<readonly Claimed[]> {
    const taken: Claimed[] = []
    await this.until(async () => {
      const request = this.request(parts)
      const { claimed } = await store.claim({ ...request, most: Math.min(request.most, count - taken.length) })
      taken.push(...claimed)
      expect(taken).toHaveLength(count)
    })
    return taken
  }

  async takeOne(parts: Partial<ClaimRequest> = {}, store = this.store): Promise<Claimed> {
    const [claimed] = await this.take(1, parts, store)
    if (claimed === undefined) throw new Error("nothing was taken")
    return claimed
  }

  /** Nothing can be taken. */
  async expectNothing(parts: Partial<ClaimRequest> = {}, store = this.store): Promise<void> {
    // What an engine does by itself takes a while: what is wrong shows later, too.
    for (let tries = this.time.isReal ? 3 : 1; tries > 0; tries--) {
      expect((await store.claim(this.request(parts))).claimed.map(({ entry }) => entry.id)).toEqual([])
      if (this.time.isReal) await this.time.pass(this.time.stepMs / 10)
    }
  }

  /** How a sending ended, now. */
  end(state: Conclusion["state"], parts: Partial<Conclusion> = {}): Conclusion {
    const at = this.time.now()
    return { at, state, dueAt: at, tries: 1, result: bytes(`result: ${state}`), ...parts }
  }

  async conclude(claimed: Claimed, state: Conclusion["state"], parts: Partial<Conclusion> = {}): Promise<void> {
    expect(await this.store.conclude(claimed.lease, this.end(state, parts))).toBe(true)
  }

  /** Takes the next one, and ends its sending so; its id. */
  async settleNext(state: Conclusion["state"]): Promise<string> {
    const claimed = await this.takeOne()
    await this.conclude(claimed, state)
    return claimed.entry.id
  }

  async read(id: string, store = this.store): Promise<StoredEntry> {
    const entry = await store.read(id)
    if (entry === undefined) throw new Error(`there is no entry ${id}`)
    return entry
  }

  /** Releases, changes or discards an entry, whatever its version. */
  async alter(id: string, parts: Partial<Parameters<Store["alter"]>[2]> = {}): Promise<void> {
    const { version } = await this.read(id)
    expect(await this.store.alter(id, version, { at: this.time.now(), state: "waiting", ...parts })).toBe(true)
  }

  /** What must hold at once where time is virtual, and soon where it is not. */
  async until(check: () => void | Promise<void>): Promise<void> {
    for (let tries = this.time.isReal ? REAL_TRIES : 1; tries > 1; tries--) {
      try {
        return await check()
      } catch {
        await this.time.pass(this.time.stepMs / 10)
      }
    }
    return check()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores) await this.close(store)
    await this.backing.remove()
  }
}

/** A sentence about stores, and how it is put to the test. */
export type Claim = (sentence: string, check: (stage: Stage) => Promise<void>) => void

/** Tests each sentence on a stage of its own. */
export function claimsOf(openBacking: () => Promise<StoreBacking>): Claim {
  return (sentence, check) =>
    test(sentence, async () => {
      await using stage = await Stage.open(openBacking)
      await check(stage)
    })
}

/** All bytes of a body, read once, as plain bytes whatever a store gives. */
export async function bytesOf(body: StoredBody | undefined): Promise<Uint8Array | undefined> {
  if (body === undefined) return undefined
  const pieces: Uint8Array[] = []
  if (body instanceof Uint8Array) pieces.push(body)
  else for await (const piece of body) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

export const idsOf = (all: readonly { readonly entry: StoredEntry }[]): string[] => all.map(({ entry }) => entry.id)
