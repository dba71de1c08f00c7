import { expect } from "vitest"
import type { EntryState } from "../entry.ts"
import type { ListQuery, OriginCounts, Store } from "../store.ts"
import { bytes, ORIGIN, OTHER_ORIGIN, type Claim, type Stage } from "./stage.ts"

/** How entries are found, listed, counted and removed. */
export function readingClaims(claim: Claim): void {
  claim("knows nothing of entries that are not there", async (stage) => {
    expect(await stage.store.read(stage.entry().id)).toBeUndefined()
    expect(await stage.store.list({ limit: 10 })).toEqual([])
    expect(await stage.store.remove(["delivered", "waiting"], stage.time.now() + 1, 10)).toBe(0)
  })

  listClaims(claim)
  countClaims(claim)
  removeClaims(claim)
}

/** Six entries, one in each state; their ids by state. */
async function oneOfEach(stage: Stage, origin = ORIGIN): Promise<Record<EntryState, string>> {
  const add = async (state: "delivered" | "rejected" | "expired"): Promise<string> => {
    const id = await stage.add({ origin })
    await stage.settleNext(state)
    return id
  }
  const delivered = await add("delivered")
  const rejected = await add("rejected")
  const expired = await add("expired")
  const discarded = await stage.add({ origin })
  await stage.alter(discarded, { state: "discarded" })
  const sending = await stage.add({ origin })
  await stage.takeOne({ leaseUntil: stage.time.now() + 3_600_000 })
  const waiting = await stage.add({ origin, dueAt: stage.time.now() + 3_600_000 })
  return { waiting, sending, delivered, rejected, expired, discarded }
}

const listed = async (store: Store, query: Partial<ListQuery> = {}): Promise<string[]> =>
  (await store.list({ limit: 100, ...query })).map(({ id }) => id)

function listClaims(claim: Claim): void {
  claim("lists entries newest first, page by page", async (stage) => {
    const ids = (await stage.addAll(...Array.from({ length: 7 }, () => ({})))).toReversed()
    const pages: string[][] = []
    for (let after: string | undefined; ;) {
      const page = await listed(stage.store, { limit: 3, ...(after !== undefined && { after }) })
      pages.push(page)
      after = page.at(-1)
      if (page.length < 3) break
    }
    expect(pages).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)])
    expect(await listed(stage.store, { after: ids[6] ?? "" })).toEqual([])
  })

  claim("goes on behind an entry that has been removed meanwhile", async (stage) => {
    const [first, second, third] = await stage.addAll({}, {}, { priority: 1 })
    expect(await stage.settleNext("delivered")).toBe(third)
    await stage.store.remove(["delivered"], stage.time.now() + 1, 10)
    expect(await listed(stage.store, { after: third ?? "" })).toEqual([second, first])
  })

  claim("lists entries in the states that are asked for", async (stage) => {
    const ids = await oneOfEach(stage)
    for (const [state, id] of Object.entries(ids))
      expect([state, await listed(stage.store, { states: [state as EntryState] })]).toEqual([state, [id]])
    const { waiting, rejected, delivered } = ids
    expect(await listed(stage.store, { states: ["delivered", "waiting", "rejected"] })).toEqual([waiting, rejected, delivered]) // prettier-ignore
    expect(await listed(stage.store, { states: ["rejected", "delivered"], after: rejected })).toEqual([delivered])
    expect(await listed(stage.store)).toHaveLength(6)
  })

  claim("lists entries of one origin, of one ordering key, and of both and a state", async (stage) => {
    const [, b, c, d] = await stage.addAll(
      {},
      { origin: OTHER_ORIGIN, orderingKey: "x" },
      { origin: OTHER_ORIGIN },
      { orderingKey: "x" },
    )
    expect(await listed(stage.store, { origin: OTHER_ORIGIN })).toEqual([c, b])
    expect(await listed(stage.store, { origin: OTHER_ORIGIN, limit: 1 })).toEqual([c])
    expect(await listed(stage.store, { orderingKey: "x" })).toEqual([d, b])
    expect(await listed(stage.store, { orderingKey: "x", after: d ?? "" })).toEqual([b])
    expect(await listed(stage.store, { orderingKey: "x", origin: OTHER_ORIGIN })).toEqual([b])
    expect(await listed(stage.store, { orderingKey: "x", origin: ORIGIN, states: ["waiting"] })).toEqual([d])
    expect(await listed(stage.store, { orderingKey: "x", states: ["rejected"] })).toEqual([])
    expect(await listed(stage.store, { origin: "https://unknown.example.com" })).toEqual([])
  })
}

const none = { waiting: 0, sending: 0, delivered: 0, rejected: 0, expired: 0, discarded: 0 }

/** Counts that tell something, by origin. */
async function countsOf(store: Store): Promise<OriginCounts[]> {
  const counts = await store.counts()
  return counts
    .filter(({ states }) => Object.values(states).some((count) => count > 0))
    .toSorted((one, other) => (one.origin < other.origin ? -1 : 1))
}

function countClaims(claim: Claim): void {
  claim("counts entries by origin and state", async (stage) => {
    expect(await countsOf(stage.store)).toEqual([])
    await oneOfEach(stage)
    await stage.addAll({ origin: OTHER_ORIGIN }, { origin: OTHER_ORIGIN })
    const one = { waiting: 1, sending: 1, delivered: 1, rejected: 1, expired: 1, discarded: 1 }
    const expected = [
      { origin: ORIGIN, states: one, bodyBytes: 0 },
      { origin: OTHER_ORIGIN, states: { ...none, waiting: 2 }, bodyBytes: 0 },
    ]
    await stage.until(async () => expect(await countsOf(stage.store)).toEqual(expected))
    const later = await stage.reopen()
    await stage.until(async () => expect(await countsOf(later)).toEqual(expected))
  })

  claim("counts the bytes of the bodies that wait or are being sent", async (stage) => {
    const bodyBytes = async (expected: number): Promise<void> =>
      stage.until(async () => expect((await countsOf(stage.store))[0]?.bodyBytes).toBe(expected))
    const [first, second] = await stage.addAll(
      { body: bytes("12345") },
      { body: new Uint8Array(200_000), priority: -1 },
    )
    await bodyBytes(200_005)
    const claimed = await stage.takeOne()
    await bodyBytes(200_005)
    await stage.conclude(claimed, "rejected")
    await bodyBytes(200_000)
    await stage.alter(first ?? "", { body: bytes("123") })
    await bodyBytes(200_003)
    await stage.alter(second ?? "", { body: null })
    await bodyBytes(3)
    await stage.alter(first ?? "", { state: "discarded" })
    await bodyBytes(0)
  })

  claim("counts an entry where it is: at its new origin, and not at all once it is removed", async (stage) => {
    const id = await stage.add({ body: bytes("12345") })
    await stage.alter(id, { origin: OTHER_ORIGIN })
    const moved = { origin: OTHER_ORIGIN, states: { ...none, waiting: 1 }, bodyBytes: 5 }
    await stage.until(async () => expect(await countsOf(stage.store)).toEqual([moved]))
    await stage.alter(id, { state: "discarded" })
    await stage.store.remove(["discarded"], stage.time.now() + 1, 1)
    await stage.until(async () => expect(await countsOf(stage.store)).toEqual([]))
  })
}

function removeClaims(claim: Claim): void {
  claim("removes entries in the states that are asked for, and no others", async (stage) => {
    const ids = await oneOfEach(stage)
    const before = stage.time.now() + 1
    expect(await stage.store.remove(["delivered", "discarded"], before, 10)).toBe(2)
    const { waiting, sending, expired, rejected } = ids
    expect(await listed(await stage.reopen())).toEqual([waiting, sending, expired, rejected])
  })

  claim("removes what was changed last before an instant, the oldest first, and so many at most", async (stage) => {
    const { stepMs } = stage.time
    const ids: string[] = []
    const changedAt: number[] = []
    for (const state of ["rejected", "delivered", "rejected", "delivered"] as const) {
      ids.push(await stage.add())
      await stage.settleNext(state)
      changedAt.push((await stage.read(ids.at(-1) ?? "")).changedAt)
      await stage.time.pass(stepMs / 10)
    }
    expect(await stage.store.remove(["rejected", "delivered"], changedAt[0] ?? 0, 10)).toBe(0)
    expect(await stage.store.remove(["delivered", "rejected"], changedAt[3] ?? 0, 2)).toBe(2)
    expect(await listed(stage.store)).toEqual([ids[3], ids[2]])
    expect(await stage.store.remove(["delivered", "rejected"], changedAt[3] ?? 0, 10)).toBe(1)
    expect(await listed(stage.store)).toEqual([ids[3]])
  })

  claim("frees the key of what it removes", async (stage) => {
    const first = await stage.add({ key: "k" })
    await stage.settleNext("delivered")
    await stage.store.remove(["delivered"], stage.time.now() + 1, 10)
    expect(await stage.store.find("k")).toBeUndefined()
    expect(await stage.add({ key: "k" })).not.toBe(first)
  })
}
