import { expect } from "vitest"
import { heldBack, idsOf, ORIGIN, OTHER_ORIGIN, type Claim } from "./stage.ts"

/** What is taken, when, and in which order. */
export function claimingClaims(claim: Claim): void {
  dueClaims(claim)
  roomClaims(claim)
  nextClaims(claim)
}

function dueClaims(claim: Claim): void {
  claim("takes what is due: it is being sent from then on", async (stage) => {
    const id = await stage.add()
    const { entry, lease } = await stage.takeOne()
    expect([entry.id, lease.id, entry.state, entry.tries]).toEqual([id, id, "sending", 0])
    expect((await stage.read(id, await stage.another())).state).toBe("sending")
    await stage.expectNothing()
  })

  claim("takes an entry when it is due, and not before", async (stage) => {
    const id = await stage.add({ dueAt: stage.time.now() + 2 * stage.time.stepMs })
    await stage.expectNothing()
    await stage.time.pass(2 * stage.time.stepMs)
    expect((await stage.takeOne()).entry.id).toBe(id)
  })

  claim("takes the most important first, then those that were due first", async (stage) => {
    const now = stage.time.now()
    const ids = await stage.addAll(
      { priority: 0, dueAt: now - 1000 },
      { priority: 0, dueAt: now - 3000 },
      { priority: 100, dueAt: now - 1000 },
      { priority: -100, dueAt: now - 9000 },
      { priority: 7, dueAt: now - 2000 },
      { priority: 7, dueAt: now - 4000 },
    )
    const taken: (string | undefined)[] = []
    for (let count = 0; count < ids.length; count++) taken.push((await stage.takeOne()).entry.id)
    expect(taken).toEqual([2, 5, 4, 1, 0, 3].map((index) => ids[index]))
  })

  claim("takes no more than are asked for", async (stage) => {
    const ids = await stage.addAll({}, {}, {}, {}, {})
    const first = (await stage.store.claim(stage.request({ most: 2 }))).claimed
    expect(first.length).toBeLessThanOrEqual(2)
    expect((await stage.store.claim(stage.request({ most: 0 }))).claimed).toEqual([])
    const rest = await stage.take(5 - first.length)
    expect([...idsOf(first), ...idsOf(rest)].toSorted()).toEqual(ids)
  })

  claim("takes nothing that is settled", async (stage) => {
    await stage.addAll({}, {}, {})
    for (const state of ["delivered", "rejected", "expired"] as const) await stage.settleNext(state)
    await stage.alter(await stage.add(), { state: "discarded" })
    await stage.time.pass(stage.time.stepMs)
    await stage.expectNothing()
  })

  claim("gives no entry to two who take at the same time", async (stage) => {
    const added = await stage.store.add(Array.from({ length: 60 }, () => stage.entry()))
    const stores = [stage.store, await stage.another()]
    const taken: string[] = []
    const leaseUntil = stage.time.now() + 3_600_000
    await stage.until(async () => {
      const claims = stores.flatMap((store) =>
        [1, 2, 3].map(() => store.claim(stage.request({ most: 11, leaseUntil }))),
      )
      for (const { claimed } of await Promise.all(claims)) taken.push(...idsOf(claimed))
      expect(taken.length).toBeGreaterThanOrEqual(60)
    })
    expect(taken.toSorted()).toEqual(idsOf(added))
  })
}

function roomClaims(claim: Claim): void {
  claim("takes of an origin as many as it has room for, and asks anew each time", async (stage) => {
    await stage.addAll({}, {}, {}, { origin: OTHER_ORIGIN }, { origin: OTHER_ORIGIN })
    const room = (origin: string): number => (origin === ORIGIN ? 1 : 0)
    const taken = await stage.take(1, { room })
    expect(taken.map(({ entry }) => entry.origin)).toEqual([ORIGIN])
    await stage.expectNothing({ room: () => 0 })
    const rest = await stage.take(4)
    expect(rest.filter(({ entry }) => entry.origin === OTHER_ORIGIN)).toHaveLength(2)
  })

  claim("takes no more in one claim than an origin has room for", async (stage) => {
    await stage.store.add(Array.from({ length: 20 }, () => stage.entry()))
    await stage.until(async () => {
      const { claimed } = await stage.store.claim(stage.request({ room: () => 3 }))
      expect(claimed.length).toBeLessThanOrEqual(3)
      expect(claimed.length).toBeGreaterThan(0)
    })
  })

  claim("takes from others while the more important ones of an origin are held back", async (stage) => {
    await stage.store.add(Array.from({ length: 200 }, () => stage.entry({ priority: 9 })))
    const id = await stage.add({ origin: OTHER_ORIGIN })
    const room = (origin: string): number => (origin === ORIGIN ? 0 : 1)
    expect((await stage.takeOne({ room, most: 1 })).entry.id).toBe(id)
  })

  claim("takes an entry whose lifetime has ended whatever the room, due or not", async (stage) => {
    const now = stage.time.now()
    const expiresAt = now + 2 * stage.time.stepMs
    const [due, later] = await stage.addAll({ expiresAt }, { expiresAt, dueAt: now + 3_600_000 }, {})
    await stage.expectNothing(heldBack)
    await stage.time.pass(2 * stage.time.stepMs)
    expect(idsOf(await stage.take(2, heldBack)).toSorted()).toEqual([due, later])
    await stage.expectNothing(heldBack)
  })
}

function nextClaims(claim: Claim): void {
  claim("tells of nothing to come when nothing waits", async (stage) => {
    const { nextAt } = await stage.store.claim(stage.request())
    expect(nextAt).toBeUndefined()
  })

  claim("tells when the next entry falls due, never late", async (stage) => {
    const now = stage.time.now()
    const nextAt = async (parts = {}) => (await stage.store.claim(stage.request(parts))).nextAt ?? Number.NaN
    await stage.add({ dueAt: now + 7_200_000 })
    expect(await nextAt()).toBeLessThanOrEqual(now + 7_200_000)
    await stage.add({ dueAt: now + 3_600_000, priority: -5 })
    expect(await nextAt()).toBeLessThanOrEqual(now + 3_600_000)
    await stage.add({ dueAt: now + 1_800_000, origin: OTHER_ORIGIN })
    expect(await nextAt(heldBack)).toBeLessThanOrEqual(now + 1_800_000)
    await stage.add({ dueAt: now + 7_200_000, expiresAt: now + 900_000 })
    expect(await nextAt()).toBeLessThanOrEqual(now + 900_000)
  })

  claim("tells that entries are due which there is no room for", async (stage) => {
    const id = await stage.add()
    const { dueAt } = await stage.read(id)
    const { nextAt } = await stage.store.claim(stage.request({ room: () => 0 }))
    expect(nextAt ?? Number.NaN).toBeLessThanOrEqual(Math.max(dueAt, stage.time.now()))
  })

  claim("tells when the lease of an entry ends that may be taken again", async (stage) => {
    await stage.add()
    const leaseUntil = stage.time.now() + 50 * stage.time.stepMs
    await stage.takeOne({ leaseUntil })
    const { nextAt } = await stage.store.claim(stage.request())
    expect(nextAt ?? Number.NaN).toBeLessThanOrEqual(leaseUntil)
  })
}
