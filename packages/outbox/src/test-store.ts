import { OutboxError } from "./errors.ts"
import type {
  Added, Alteration, Claimed, ClaimRequest, Claims, Conclusion, Lease, ListQuery, NewEntry, OriginCounts, Store, StoredBody,
  StoredEntry, StoreListener,
} from "./store.ts" // prettier-ignore
import type { EntryState } from "./entry.ts"

interface Row {
  entry: StoredEntry
  body: StoredBody | undefined
  sequence: number
  lease: { readonly token: string; readonly until: number } | undefined
}

/** A store in memory, for tests: it obeys the interface, keeps nothing, and can be told to fail. */
export class TestStore implements Store {
  readonly name = "memory"
  readonly rows = new Map<string, Row>()
  /** What the next calls of these methods throw. */
  readonly failures: { readonly method: string; readonly error: unknown }[] = []
  /** How often each method was called. */
  readonly calls: Record<string, number> = {}
  readonly #listeners = new Set<StoreListener>()
  #last = 0

  get listeners(): number {
    return this.#listeners.size
  }

  async open(): Promise<void> {
    this.#called("open")
  }

  async add(entries: readonly NewEntry[]): Promise<readonly Added[]> {
    const added: Added[] = []
    for (const { body, ...rest } of entries) {
      this.#called("add")
      const known = rest.key === undefined ? undefined : this.#byKey(rest.key)
      if (known !== undefined) {
        added.push({ entry: known.entry, isNew: false })
        continue
      }
      const stored = await kept(body)
      const entry: StoredEntry = {
        ...rest,
        state: "waiting",
        version: 1,
        changedAt: rest.addedAt,
        tries: 0,
        bodyBytes: stored?.byteLength,
        result: undefined,
      }
      this.rows.set(entry.id, { entry, body: stored, sequence: ++this.#last, lease: undefined })
      added.push({ entry, isNew: true })
    }
    this.#tell((listener) => listener.work?.())
    return added
  }

  async claim({ at, leaseUntil, most, room }: ClaimRequest): Promise<Claims> {
    this.#called("claim")
    const open = [...this.rows.values()].filter((row) => isOpen(row, at))
    const due = open
      .filter(({ entry }) => entry.dueAt <= at || entry.expiresAt <= at)
      .toSorted(
        (a, b) => b.entry.priority - a.entry.priority || a.entry.dueAt - b.entry.dueAt || a.sequence - b.sequence,
      )
    const claimed: Claimed[] = []
    const left = new Map<string, number>()
    for (const row of due) {
      if (claimed.length === most) break
      const { origin, expiresAt } = row.entry
      if (expiresAt > at) {
        if (this.#isHeldUp(row)) continue
        const free = left.get(origin) ?? room(origin)
        left.set(origin, free)
        if (free <= 0) continue
        left.set(origin, free - 1)
      } else if (row.entry.state === "sending" && row.lease !== undefined && row.lease.until > at) continue
      row.entry = { ...row.entry, state: "sending", version: row.entry.version + 1 }
      // Not unique among entries: that is not promised.
      const token = String(row.entry.version)
      row.lease = { token, until: leaseUntil }
      claimed.push({ entry: row.entry, lease: { id: row.entry.id, token } })
    }
    const times = [...this.rows.values()].flatMap((row) => {
      if (row.entry.state === "sending") return [row.lease?.until ?? at]
      return row.entry.state === "waiting"
        ? [this.#isHeldUp(row) ? row.entry.expiresAt : Math.min(row.entry.dueAt, row.entry.expiresAt)]
        : []
    })
    return { claimed, nextAt: times.length === 0 ? undefined : Math.min(...times) }
  }

  async renew(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    this.#called("renew")
    return leases.filter((lease) => {
      const row = this.#leased(lease)
      if (row !== undefined) row.lease = { token: lease.token, until }
      return row === undefined
    })
  }

  async conclude(lease: Lease, { at, state, dueAt, tries, result }: Conclusion): Promise<boolean> {
    this.#called("conclude")
    const row = this.#leased(lease)
    if (row === undefined) return false
    row.lease = undefined
    row.entry = { ...row.entry, state, dueAt, tries, result, changedAt: at, version: row.entry.version + 1 }
    this.#changed(lease.id)
    return true
  }

  async alter(id: string, version: number, { at, body, ...rest }: Alteration): Promise<boolean> {
    this.#called("alter")
    const newBody = await kept(body ?? undefined)
    const row = this.rows.get(id)
    if (row === undefined || row.entry.version !== version || row.entry.state === "sending") return false
    if (body !== undefined) row.body = newBody
    row.entry = {
      ...row.entry,
      ...rest,
      changedAt: at,
      version: version + 1,
      bodyBytes: row.body instanceof Uint8Array ? row.body.byteLength : undefined,
    }
    this.#changed(id)
    return true
  }

  async read(id: string): Promise<StoredEntry | undefined> {
    this.#called("read")
    return this.rows.get(id)?.entry
  }

  async find(key: string): Promise<StoredEntry | undefined> {
    this.#called("find")
    return this.#byKey(key)?.entry
  }

  async body(id: string): Promise<StoredBody | undefined> {
    this.#called("body")
    const body = this.rows.get(id)?.body
    return body instanceof Uint8Array && body.byteLength > 64 * 1024
      ? { [Symbol.asyncIterator]: () => pieces(body) }
      : body
  }

  async list({ states, origin, orderingKey, after, limit }: ListQuery): Promise<readonly StoredEntry[]> {
    this.#called("list")
    return [...this.rows.values()]
      .map(({ entry }) => entry)
      .filter((entry) => states === undefined || states.includes(entry.state))
      .filter((entry) => origin === undefined || entry.origin === origin)
      .filter((entry) => orderingKey === undefined || entry.orderingKey === orderingKey)
      .filter(({ id }) => after === undefined || id < after)
      .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit)
  }

  async counts(): Promise<readonly OriginCounts[]> {
    this.#called("counts")
    const counts = new Map<string, { origin: string; states: Record<EntryState, number>; bodyBytes: number }>()
    for (const { entry } of this.rows.values()) {
      const states = { waiting: 0, sending: 0, delivered: 0, rejected: 0, expired: 0, discarded: 0 }
      const of = counts.get(entry.origin) ?? { origin: entry.origin, states, bodyBytes: 0 }
      counts.set(entry.origin, of)
      of.states[entry.state] += 1
      if (entry.state === "waiting" || entry.state === "sending") of.bodyBytes += entry.bodyBytes ?? 0
    }
    return [...counts.values()]
  }

  async remove(states: readonly EntryState[], changedBefore: number, most: number): Promise<number> {
    this.#called("remove")
    const gone = [...this.rows.values()]
      .filter(({ entry }) => states.includes(entry.state) && entry.changedAt < changedBefore)
      .slice(0, most)
    for (const { entry } of gone) this.rows.delete(entry.id)
    return gone.length
  }

  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#called("close")
  }

  /** Takes an entry's lease away, as another process does when it has run out. */
  loseLease(id: string): void {
    const row = this.rows.get(id)
    if (row === undefined) throw new OutboxError("unknown", id)
    row.lease = undefined
    row.entry = { ...row.entry, state: "waiting" }
  }

  /** All that is kept, as one text. */
  get raw(): string {
    const texts = [...this.rows.values()].flatMap(({ entry, body }) => [
      entry.key ?? "",
      entry.orderingKey ?? "",
      ...[entry.content, entry.result, body].map((bytes) =>
        bytes instanceof Uint8Array ? Buffer.from(bytes).toString("latin1") : "",
      ),
    ])
    return texts.join("\n")
  }

  #called(method: string): void {
    this.calls[method] = (this.calls[method] ?? 0) + 1
    const index = this.failures.findIndex((failure) => failure.method === method)
    if (index < 0) return
    const [failure] = this.failures.splice(index, 1)
    throw failure?.error
  }

  #byKey(key: string): Row | undefined {
    return [...this.rows.values()].find(({ entry }) => entry.key === key && entry.state !== "discarded")
  }

  #leased({ id, token }: Lease): Row | undefined {
    const row = this.rows.get(id)
    return row?.lease?.token === token ? row : undefined
  }

  /** Whether another entry of its ordering key goes first, or holds it up. */
  #isHeldUp({ entry, sequence }: Row): boolean {
    const { orderingKey } = entry
    if (orderingKey === undefined) return false
    return [...this.rows.values()].some(
      ({ entry: other, sequence: before }) =>
        other.orderingKey === orderingKey &&
        before < sequence &&
        (other.state === "waiting" ||
          other.state === "sending" ||
          (other.afterRejection === "hold" && (other.state === "rejected" || other.state === "expired"))),
    )
  }

  #changed(id: string): void {
    this.#tell((listener) => {
      listener.changed?.(id)
      listener.work?.()
    })
  }

  #tell(tell: (listener: StoreListener) => void): void {
    for (const listener of this.#listeners) tell(listener)
  }
}

function isOpen({ entry, lease }: Row, at: number): boolean {
  return entry.state === "waiting" || (entry.state === "sending" && (lease === undefined || lease.until <= at))
}

async function kept(body: StoredBody | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (body === undefined || body instanceof Uint8Array) return body
  const read: Uint8Array[] = []
  for await (const piece of body) read.push(piece)
  return Buffer.concat(read)
}

async function* pieces(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.byteLength; at += 10_000) yield bytes.subarray(at, at + 10_000)
}
