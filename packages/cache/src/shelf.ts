import { checkFunction, kindOf, refuse, type Events, type HeaderList } from "steadfetch"
import type { CacheStore } from "./cache-store.ts"
import { matches, type StoredReply } from "./stored-reply.ts"

/** Replies to one URL that differ by what Vary names. */
const MOST_VARIANTS = 8

/** Keys whose invalidation is remembered for the sake of requests that were under way. */
const MOST_INVALIDATED = 1000

/** Refuses what is no store. */
export function checkStore(store: CacheStore): void {
  if (typeof store !== "object" || store === null) refuse("cache.store", kindOf(store), "{ get, set, delete }")
  for (const name of ["get", "set", "delete"] as const) {
    if (store[name] === undefined) refuse(`cache.store.${name}`, "missing", "a function")
    checkFunction(`cache.store.${name}`, store[name])
  }
}

/** A store behind which nothing can go wrong: what it throws is told as an event, and counts as nothing found or kept. */
export class Shelf {
  readonly #store: CacheStore
  readonly #events: Events
  readonly #invalidated = new Map<string, number>()
  #tickets = 0
  #isFailing = false

  constructor(store: CacheStore, events: Events) {
    this.#store = store
    this.#events = events
  }

  /** To be drawn before a request goes out: what is invalidated afterwards, its reply must not bring back. */
  ticket(): number {
    return this.#tickets
  }

  /** The newest reply that answers such a request. */
  async find(key: string, request: HeaderList): Promise<StoredReply | undefined> {
    let found: StoredReply | undefined
    await this.#guarded(
      "get",
      () => this.#store.get(key),
      (entry) => {
        found = entry?.replies.find((reply) => matches(reply, request))
      },
    )
    return found
  }

  /** Keeps a reply in place of the one that answered such a request before. Nobody waits for a slow store. */
  keep(key: string, reply: StoredReply, request: HeaderList, ticket: number): void {
    void this.#guarded(
      "get",
      () => this.#store.get(key),
      (entry) => {
        if ((this.#invalidated.get(key) ?? 0) > ticket) return
        const others = entry?.replies.filter((other) => !matches(other, request)) ?? []
        const replies = [reply, ...others].slice(0, MOST_VARIANTS)
        void this.#guarded("set", () => this.#store.set(key, { replies }))
      },
    )
  }

  /** Forgets all replies of a key. */
  drop(key: string): Promise<void> | undefined {
    this.#invalidated.delete(key)
    this.#invalidated.set(key, ++this.#tickets)
    for (const oldest of this.#invalidated.keys()) {
      if (this.#invalidated.size <= MOST_INVALIDATED) break
      this.#invalidated.delete(oldest)
    }
    return this.#guarded("delete", () => this.#store.delete(key))
  }

  /** Asks the store, and goes on with its answer: at once when it has it at once, so that the next call finds it. */
  #guarded<T>(
    what: keyof CacheStore,
    ask: () => T | Promise<T>,
    goOn: (answer: T) => void = () => {},
  ): Promise<void> | undefined {
    const take = (answer: T): void => {
      goOn(answer)
      this.#tell(false, `store.${what}() works again`)
    }
    // An error's message may hold where the store is, and with which password.
    const fail = (error: unknown): void =>
      this.#tell(true, `store.${what}() threw ${error instanceof Error ? error.name : kindOf(error)}`)
    try {
      const answer = ask()
      if (isPromise(answer)) return Promise.resolve(answer).then(take).catch(fail)
      take(answer)
    } catch (error) {
      fail(error)
    }
    return undefined
  }

  #tell(isFailing: boolean, why: string): void {
    if (isFailing === this.#isFailing) return
    this.#isFailing = isFailing
    const state = isFailing ? "failing" : "working"
    if (this.#events.heard("changed"))
      this.#events.emit("changed", { policy: "cache", key: "store", state, why, numbers: {} })
  }
}

function isPromise<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof answer === "object" && answer !== null && "then" in answer
}
