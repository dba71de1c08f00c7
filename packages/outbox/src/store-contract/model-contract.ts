import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { EntryState } from "../entry.ts"
import type { Alteration, Lease, NewEntry, Store, StoredEntry } from "../store.ts"
import { StoreModel } from "./model.ts"
import { bytes, bytesOf, Stage, type StoreBacking } from "./stage.ts"

/** Everything that happened so far, to the model and to the stores. */
interface Play {
  readonly model: StoreModel
  readonly stage: Stage
  readonly stores: Store[]
  readonly leases: Lease[]
}

type Act = (play: Play) => Promise<void>

const origins = ["https://a.example", "https://b.example", "https://c.example"]
const delay = fc.integer({ min: -3, max: 6 }).map((steps) => steps * 1000)
const origin = fc.constantFrom(...origins)
const priority = fc.constantFrom(-100, -1, 0, 0, 0, 1, 100)
const body = fc.constantFrom(undefined, new Uint8Array(0), bytes("small"), new Uint8Array(70_000))
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })

const newEntry = fc.record({
  origin,
  priority,
  body,
  delay,
  lifetime: fc.constantFrom(2000, 5000, 60_000, 60_000),
  key: maybe(fc.constantFrom("k1", "k2", "k3")),
  orderingKey: fc.constantFrom(undefined, "x", "x", "y"),
  afterRejection: fc.constantFrom("hold" as const, "skip" as const),
})

const storeOf = ({ stores }: Play, which: number): Store => {
  const store = stores[which % stores.length]
  if (store === undefined) throw new Error("there is no store")
  return store
}

const pick = <T>(all: readonly T[], which: number): T | undefined => all[which % Math.max(1, all.length)]

/** Those that somebody would change; all when there are none. */
function parked(model: StoreModel): string[] {
  const ids = model.ids().filter((id) => ["rejected", "expired"].includes(model.read(id)?.state ?? ""))
  return ids.length > 0 ? ids : model.ids()
}

/** What decides who is taken first; those that are alike in it may be taken in any order. */
const rankOf = (entry: StoredEntry | undefined) => [entry?.priority, entry?.dueAt]

const adding = fc
  .record({ which: fc.nat(1), entries: fc.array(newEntry, { minLength: 1, maxLength: 2 }) })
  .map(({ which, entries }): Act => async (play) => {
    const now = play.stage.time.now()
    const made = entries.map(({ delay, lifetime, ...parts }): NewEntry =>
      play.stage.entry({ ...parts, dueAt: now + delay, expiresAt: now + lifetime }),
    )
    const added = await storeOf(play, which).add(made)
    expect(added).toEqual(play.model.add(made))
  })

const claiming = fc
  .record({
    which: fc.nat(1),
    most: fc.integer({ min: 0, max: 6 }),
    rooms: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
    lease: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ which, most, rooms, lease }): Act => async (play) => {
    const at = play.stage.time.now()
    const request = {
      at,
      most,
      leaseUntil: at + lease * 1000,
      room: (name: string) => rooms[origins.indexOf(name)] ?? 0,
    }
    const { overdue, due } = play.model.takeable(at)
    const { claimed, nextAt } = await storeOf(play, which).claim(request)
    const ids = claimed.map(({ entry }) => entry.id)
    expect(ids.length).toBeLessThanOrEqual(most)
    const late = ids.filter((id) => overdue.includes(id))
    expect(late).toHaveLength(Math.min(most, overdue.length))
    const left = new Map(origins.map((name) => [name, request.room(name)]))
    const expected: StoredEntry[] = []
    for (const entry of due) {
      const room = left.get(entry.origin) ?? 0
      if (room === 0 || expected.length === most - late.length) continue
      left.set(entry.origin, room - 1)
      expected.push(entry)
    }
    const taken = ids.filter((id) => !overdue.includes(id)).map((id) => due.find((entry) => entry.id === id))
    expect(taken.map(rankOf)).toEqual(expected.map(rankOf))
    for (const [name, room] of origins.map((name) => [name, request.room(name)] as const))
      expect(taken.filter((entry) => entry?.origin === name).length).toBeLessThanOrEqual(room)
    for (const { entry, lease: taken } of claimed) {
      expect(entry).toEqual(play.model.take(taken, request))
      play.leases.push(taken)
    }
    const next = play.model.nextAt(at)
    if (next === undefined) expect(nextAt).toBeUndefined()
    else expect(nextAt).toBeLessThanOrEqual(next)
  })

const concluding = fc
  .record({
    which: fc.nat(),
    state: fc.constantFrom("waiting" as const, "delivered" as const, "rejected" as const, "expired" as const),
    delay,
  })
  .map(({ which, state, delay }): Act => async (play) => {
    // Mostly one that is held yet; now and then one that is lost.
    const lease = play.leases.at(-1 - (which % 3))
    if (lease === undefined) return
    const at = play.stage.time.now()
    const conclusion = { at, state, dueAt: at + delay, tries: which % 5, result: bytes(state) }
    expect(await storeOf(play, which).conclude(lease, conclusion)).toBe(play.model.conclude(lease, conclusion))
  })

const renewing = fc
  .record({ which: fc.nat(), lease: fc.integer({ min: 1, max: 5 }) })
  .map(({ which, lease }): Act => async (play) => {
    const at = play.stage.time.now()
    const chosen = play.leases.slice(-1 - (which % 3))
    const until = at + lease * 1000
    const lost = await storeOf(play, which).renew(chosen, until)
    for (const one of chosen) {
      if (!play.model.holds(one)) expect(lost).toContainEqual(one)
      // A lease whose time is over may be lost or not; one that runs is not.
      else if (play.model.isLeased(one.id, at)) expect(lost).not.toContainEqual(one)
      if (play.model.holds(one) && !lost.includes(one)) play.model.renew(one, until)
    }
  })

const altering = fc
  .record({
    which: fc.nat(),
    stale: fc.constantFrom(0, 0, 0, 1),
    state: fc.constantFrom("waiting" as const, "waiting" as const, "discarded" as const),
    origin: maybe(origin),
    priority: maybe(priority),
    delay: maybe(delay),
    body: fc.option(body),
  })
  .map(({ which, stale, state, origin, priority, delay, body }): Act => async (play) => {
    const id = pick(which % 4 === 0 ? play.model.ids() : parked(play.model), which)
    const entry = id === undefined ? undefined : play.model.read(id)
    // A front releases no discarded entry: its key may be another one's.
    if (id === undefined || entry === undefined || entry.state === "discarded") return
    const at = play.stage.time.now()
    const alteration: Alteration = {
      at,
      state,
      ...(origin !== undefined && { origin }),
      ...(priority !== undefined && { priority }),
      ...(delay !== undefined && { dueAt: at + delay }),
      ...(body !== undefined && { body }),
    }
    const version = entry.version - stale
    expect(await storeOf(play, which).alter(id, version, alteration)).toBe(play.model.alter(id, version, alteration))
  })

const removing = fc
  .record({ which: fc.nat(), age: fc.integer({ min: -1, max: 3 }), most: fc.integer({ min: 1, max: 4 }) })
  .map(({ which, age, most }): Act => async (play) => {
    const states = (["delivered", "rejected", "expired", "discarded"] as const).filter(
      (_, index) => (which >> index) % 2 === 0,
    )
    const before = play.stage.time.now() - age * 1000
    expect(await storeOf(play, which).remove(states, before, most)).toBe(play.model.remove(states, before, most))
  })

const listing = fc
  .record({
    which: fc.nat(),
    states: maybe(fc.subarray<EntryState>(["waiting", "sending", "delivered", "rejected", "expired", "discarded"])),
    origin: maybe(origin),
    orderingKey: maybe(fc.constantFrom("x", "y")),
    limit: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ which, states, origin, orderingKey, limit }): Act => async (play) => {
    const after = which % 3 === 0 ? pick(play.model.ids(), which) : undefined
    const query = {
      limit,
      ...(states && { states }),
      ...(origin && { origin }),
      ...(orderingKey && { orderingKey }),
      ...(after && { after }),
    }
    expect(await storeOf(play, which).list(query)).toEqual(play.model.list(query))
  })

const passing = fc.integer({ min: 1, max: 4 }).map(
  (steps): Act =>
    async ({ stage }) =>
      stage.time.pass(steps * 1000),
)

const reopening = fc.constant<Act>(async (play) => {
  const store = await play.stage.reopen()
  play.stores.splice(0, Number.POSITIVE_INFINITY, store, await play.stage.another())
})

const acts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: adding },
    { weight: 6, arbitrary: claiming },
    { weight: 6, arbitrary: concluding },
    { weight: 2, arbitrary: renewing },
    { weight: 4, arbitrary: altering },
    { weight: 1, arbitrary: removing },
    { weight: 2, arbitrary: listing },
    { weight: 4, arbitrary: passing },
    { weight: 1, arbitrary: reopening },
  ),
  // Without `size` few would be longer than ten.
  { minLength: 5, maxLength: 80, size: "max" },
)

/** Thousands of writes to a disk that others use as well. */
const LONGEST_MS = 240_000

/** All that can be seen is the model's. */
async function expectAlike({ model, stage }: Play): Promise<void> {
  const store = await stage.another()
  for (const id of model.ids()) {
    expect(await store.read(id)).toEqual(model.read(id))
    expect((await bytesOf(await store.body(id)))?.length).toBe(model.body(id)?.length)
  }
  for (const key of ["k1", "k2", "k3"]) expect(await store.find(key)).toEqual(model.find(key))
  const counted = (await store.counts()).filter(({ states }) => Object.values(states).some((count) => count > 0))
  const byOrigin = (all: readonly { readonly origin: string }[]) =>
    all.toSorted((one, other) => (one.origin < other.origin ? -1 : 1))
  expect(byOrigin(counted)).toEqual(byOrigin(model.counts()))
}

/**
 * Tests a store beside a simple one in memory, with random sequences of everything that can happen; for stores that take
 * what is due at once and in order, and are fast.
 */
export function storeModelContract(name: string, openBacking: () => Promise<StoreBacking>, numRuns = 60): void {
  test(
    `${name} does what a simple store in memory does, whatever happens`,
    async () => {
      await fc.assert(
        fc.asyncProperty(acts, async (sequence) => {
          await using stage = await Stage.open(openBacking)
          const play: Play = {
            model: new StoreModel(),
            stage,
            stores: [stage.store, await stage.another()],
            leases: [],
          }
          for (const act of sequence) await act(play)
          await expectAlike(play)
        }),
        { numRuns },
      )
    },
    LONGEST_MS,
  )
}
