import { expect } from "vitest"
import { idsOf, ORIGIN, OTHER_ORIGIN, type Claim } from "./stage.ts"

const line = { orderingKey: "line" }
const skipping = { orderingKey: "line", afterRejection: "skip" } as const

/** Entries of one ordering key: strictly one after the other. */
export function orderingClaims(claim: Claim): void {
  headClaims(claim)
  rejectionClaims(claim)
  changeClaims(claim)
}

function headClaims(claim: Claim): void {
  claim("takes entries of one ordering key one by one, in the order in which they were added", async (stage) => {
    const now = stage.time.now()
    const ids = await stage.addAll(
      { ...line, dueAt: now - 1000, priority: -5 },
      { ...line, dueAt: now - 9000, priority: 9 },
      { ...line, origin: OTHER_ORIGIN, priority: 100 },
      line,
    )
    for (const id of ids) {
      const claimed = await stage.takeOne()
      expect(claimed.entry.id).toBe(id)
      await stage.expectNothing()
      await stage.conclude(claimed, "delivered")
    }
    await stage.expectNothing()
  })

  claim("keeps the order of those that were added together", async (stage) => {
    const added = await stage.store.add(Array.from({ length: 5 }, () => stage.entry(line)))
    for (const { entry } of added) expect(await stage.settleNext("delivered")).toBe(entry.id)
  })

  claim("lets other ordering keys pass, and entries without one", async (stage) => {
    const [first, , other, none] = await stage.addAll(line, line, { orderingKey: "other" }, {})
    expect(idsOf(await stage.take(3)).toSorted()).toEqual([first, other, none])
    await stage.expectNothing()
  })

  claim("keeps the others waiting while the first one is to be sent later", async (stage) => {
    const [first, second] = await stage.addAll({ ...line, dueAt: stage.time.now() + 2 * stage.time.stepMs }, line)
    await stage.expectNothing()
    await stage.time.pass(2 * stage.time.stepMs)
    const claimed = await stage.takeOne()
    expect(claimed.entry.id).toBe(first)
    await stage.conclude(claimed, "waiting", { dueAt: stage.time.now() + 2 * stage.time.stepMs })
    await stage.expectNothing()
    await stage.time.pass(2 * stage.time.stepMs)
    expect(await stage.settleNext("delivered")).toBe(first)
    expect(await stage.settleNext("delivered")).toBe(second)
  })

  claim("takes the first one again when its lease ends, none behind it", async (stage) => {
    const [first] = await stage.addAll(line, line)
    await stage.takeOne({ leaseUntil: stage.time.now() + 2 * stage.time.stepMs })
    await stage.time.pass(2 * stage.time.stepMs)
    expect((await stage.takeOne()).entry.id).toBe(first)
    await stage.expectNothing()
  })

  claim("gives no two of one ordering key to those who take at the same time", async (stage) => {
    await stage.store.add(Array.from({ length: 6 }, () => stage.entry(line)))
    const another = await stage.another()
    let taken = 0
    await stage.until(async () => {
      const claims = [stage.store, another, stage.store].map((store) => store.claim(stage.request()))
      for (const { claimed } of await Promise.all(claims)) taken += claimed.length
      expect(taken).toBeGreaterThan(0)
    })
    expect(taken).toBe(1)
  })

  claim("puts what another store adds behind those that are there", async (stage) => {
    const another = await stage.another()
    const ids = [await stage.add(line), await stage.add(line, another), await stage.add(line)]
    for (const id of ids) expect(await stage.settleNext("delivered")).toBe(id)
  })
}

function rejectionClaims(claim: Claim): void {
  for (const state of ["rejected", "expired"] as const) {
    claim(`holds up those behind an entry that is ${state}, when it says so`, async (stage) => {
      await stage.addAll(line, skipping)
      await stage.settleNext(state)
      await stage.expectNothing()
      await stage.add(line)
      await stage.expectNothing()
    })

    claim(`goes on behind an entry that is ${state}, when it says so`, async (stage) => {
      const [, second] = await stage.addAll(skipping, line)
      await stage.settleNext(state)
      expect((await stage.takeOne()).entry.id).toBe(second)
    })
  }
}

function changeClaims(claim: Claim): void {
  claim("takes a rejected entry first when it was changed, then those that it held up", async (stage) => {
    const ids = await stage.addAll(line, line, line)
    await stage.settleNext("rejected")
    await stage.alter(ids[0] ?? "", { priority: -100 })
    for (const id of ids) expect(await stage.settleNext("delivered")).toBe(id)
  })

  claim("goes on when the entry that holds up the others is discarded", async (stage) => {
    const [first, second] = await stage.addAll(line, line)
    await stage.settleNext("rejected")
    await stage.alter(first ?? "", { state: "discarded" })
    expect(await stage.settleNext("delivered")).toBe(second)
  })

  claim("goes on when the entry that holds up the others is removed", async (stage) => {
    const [, second] = await stage.addAll(line, line)
    await stage.settleNext("rejected")
    expect(await stage.store.remove(["rejected"], stage.time.now() + 1, 10)).toBe(1)
    expect(await stage.settleNext("delivered")).toBe(second)
  })

  claim("passes over entries that were discarded before it was their turn", async (stage) => {
    const [first, second, third, fourth] = await stage.addAll(line, line, line, line)
    await stage.alter(third ?? "", { state: "discarded" })
    await stage.alter(first ?? "", { state: "discarded" })
    expect([await stage.settleNext("delivered"), await stage.settleNext("delivered")]).toEqual([second, fourth])
    await stage.expectNothing()
  })

  claim("takes a skipped entry that was released before those behind it, never two at once", async (stage) => {
    const [first, second, third] = await stage.addAll(skipping, line, line)
    await stage.settleNext("rejected")
    const under = await stage.takeOne()
    expect(under.entry.id).toBe(second)
    await stage.alter(first ?? "")
    await stage.expectNothing()
    await stage.conclude(under, "delivered")
    expect([await stage.settleNext("delivered"), await stage.settleNext("delivered")]).toEqual([first, third])
  })

  claim("prolongs no lease that has ended once another entry of its ordering key is being sent", async (stage) => {
    const { stepMs } = stage.time
    const [first, second] = await stage.addAll(skipping, line)
    await stage.settleNext("rejected")
    const late = await stage.takeOne({ leaseUntil: stage.time.now() + 2 * stepMs })
    expect(late.entry.id).toBe(second)
    await stage.alter(first ?? "")
    await stage.time.pass(2 * stepMs)
    const under = await stage.takeOne({ leaseUntil: stage.time.now() + 3_600_000 })
    expect(under.entry.id).toBe(first)
    expect(await stage.store.renew([late.lease], stage.time.now() + 3_600_000)).toEqual([late.lease])
    await stage.conclude(under, "delivered")
    expect((await stage.takeOne()).entry.id).toBe(second)
  })

  claim("takes a released entry before one behind it that was due already", async (stage) => {
    const [first, second] = await stage.addAll(skipping, line)
    await stage.settleNext("expired")
    await stage.alter(first ?? "", { origin: ORIGIN })
    expect([await stage.settleNext("delivered"), await stage.settleNext("delivered")]).toEqual([first, second])
  })
}
