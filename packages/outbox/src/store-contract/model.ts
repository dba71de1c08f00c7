import type {
  Added,
  Alteration,
  ClaimRequest,
  Conclusion,
  Lease,
  ListQuery,
  NewEntry,
  OriginCounts,
  StoredEntry,
} from "../store.ts"

interface Held {
  entry: StoredEntry
  readonly place: number
  token: string | undefined
  leaseUntil: number
  body: Uint8Array | undefined
}

/** What a store does, without durability, speed or anything else that makes one hard to write. */
export class StoreModel {
  #held: Held[] = []
  #places = 0

  add(entries: readonly NewEntry[]): Added[] {
    return entries.map((entry) => {
      const other = entry.key === undefined ? undefined : this.find(entry.key)
      if (other !== undefined) return { entry: other, isNew: false }
      const { body, ...parts } = entry
      const bytes = body instanceof Uint8Array ? body : undefined
      const added: StoredEntry = {
        ...parts,
        state: "waiting",
        version: 1,
        changedAt: entry.addedAt,
        tries: 0,
        bodyBytes: bytes?.length,
        result: undefined,
      }
      this.#held.push({ entry: added, place: ++this.#places, token: undefined, leaseUntil: 0, body: bytes })
      return { entry: added, isNew: true }
    })
  }

  /** What may be taken now, in order: the overdue come first, in any order, and need no room. */
  takeable(at: number): { readonly overdue: readonly string[]; readonly due: readonly StoredEntry[] } {
    const free = this.#held.filter((held) => this.#isFree(held, at))
    const overdue = free.filter(({ entry }) => entry.expiresAt <= at)
    const due = free.filter(({ entry }) => entry.expiresAt > at && entry.dueAt <= at)
    due.sort((one, other) => other.entry.priority - one.entry.priority || one.entry.dueAt - other.entry.dueAt || one.place - other.place) // prettier-ignore
    return { overdue: overdue.map(({ entry }) => entry.id), due: due.map(({ entry }) => entry) }
  }

  take(lease: Lease, { at, leaseUntil }: ClaimRequest): StoredEntry | undefined {
    const held = this.#of(lease.id)
    if (held === undefined) return undefined
    held.token = lease.token
    held.leaseUntil = leaseUntil
    held.entry = { ...held.entry, state: "sending", changedAt: at, version: held.entry.version + 1 }
    return held.entry
  }

  /** When something can be taken again. */
  nextAt(at: number): number | undefined {
    const instants = this.#held.flatMap((held) => {
      if (held.token !== undefined && held.leaseUntil > at) return [held.leaseUntil]
      return this.#isFree(held, at) ? [Math.min(held.entry.dueAt, held.entry.expiresAt)] : []
    })
    return instants.length === 0 ? undefined : Math.min(...instants)
  }

  /** Whether the lease is its entry's yet, be its time over or not: nobody else has taken the entry. */
  holds({ id, token }: Lease): boolean {
    return this.#of(id)?.token === token
  }

  isLeased(id: string, at: number): boolean {
    const held = this.#of(id)
    return held?.token !== undefined && held.leaseUntil > at
  }

  renew({ id }: Lease, until: number): void {
    const held = this.#of(id)
    if (held !== undefined) held.leaseUntil = until
  }

  conclude(lease: Lease, { at, state, dueAt, tries, result }: Conclusion): boolean {
    const held = this.#of(lease.id)
    if (held?.token !== lease.token) return false
    held.token = undefined
    held.entry = { ...held.entry, state, dueAt, tries, result, changedAt: at, version: held.entry.version + 1 }
    return true
  }

  alter(id: string, version: number, { at, body, ...parts }: Alteration): boolean {
    const held = this.#of(id)
    if (held === undefined || held.entry.version !== version || this.isLeased(id, at)) return false
    held.token = undefined
    if (body !== undefined) held.body = body instanceof Uint8Array ? body : undefined
    held.entry = { ...held.entry, ...parts, bodyBytes: held.body?.length, changedAt: at, version: version + 1 }
    return true
  }

  remove(states: readonly string[], changedBefore: number, most: number): number {
    const old = this.#held.filter(({ entry }) => states.includes(entry.state) && entry.changedAt < changedBefore)
    old.sort((one, other) => one.entry.changedAt - other.entry.changedAt || one.place - other.place)
    const gone = new Set(old.slice(0, most))
    this.#held = this.#held.filter((held) => !gone.has(held))
    return gone.size
  }

  read(id: string): StoredEntry | undefined {
    return this.#of(id)?.entry
  }

  find(key: string): StoredEntry | undefined {
    return this.#held.find(({ entry }) => entry.key === key && entry.state !== "discarded")?.entry
  }

  body(id: string): Uint8Array | undefined {
    return this.#of(id)?.body
  }

  ids(): string[] {
    return this.#held.map(({ entry }) => entry.id)
  }

  list({ states, origin, orderingKey, after, limit }: ListQuery): StoredEntry[] {
    const found = this.#held
      .map(({ entry }) => entry)
      .filter((entry) => states?.includes(entry.state) ?? true)
      .filter((entry) => origin === undefined || entry.origin === origin)
      .filter((entry) => orderingKey === undefined || entry.orderingKey === orderingKey)
      .filter((entry) => after === undefined || entry.id < after)
    return found.toReversed().slice(0, limit)
  }

  counts(): OriginCounts[] {
    const byOrigin = Map.groupBy(this.#held, ({ entry }) => entry.origin)
    return [...byOrigin].map(([origin, all]) => {
      const of = (state: string): number => all.filter(({ entry }) => entry.state === state).length
      const states = { waiting: of("waiting"), sending: of("sending"), delivered: of("delivered"), rejected: of("rejected"), expired: of("expired"), discarded: of("discarded") } // prettier-ignore
      const active = all.filter(({ entry }) => entry.state === "waiting" || entry.state === "sending")
      return { origin, states, bodyBytes: active.reduce((bytes, { entry }) => bytes + (entry.bodyBytes ?? 0), 0) }
    })
  }

  #of(id: string): Held | undefined {
    return this.#held.find(({ entry }) => entry.id === id)
  }

  /** Nobody has it, nobody of its ordering key is being sent, and it is the first of those that are not settled. */
  #isFree(held: Held, at: number): boolean {
    const { entry } = held
    if (this.isLeased(entry.id, at) || (entry.state !== "waiting" && entry.state !== "sending")) return false
    if (entry.orderingKey === undefined) return true
    const line = this.#held.filter((other) => other.entry.orderingKey === entry.orderingKey && isInLine(other.entry))
    return line[0] === held && !line.some((other) => this.isLeased(other.entry.id, at))
  }
}

/** Whether it keeps those behind it waiting. */
function isInLine({ state, afterRejection }: StoredEntry): boolean {
  if (state === "waiting" || state === "sending") return true
  return (state === "rejected" || state === "expired") && afterRejection === "hold"
}
