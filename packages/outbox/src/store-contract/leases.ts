import { expect } from "vitest"
import { bytes, ORIGIN, type Claim } from "./stage.ts"

/** Who may send an entry, and for how long. */
export function leaseClaims(claim: Claim): void {
  endingClaims(claim)
  concludingClaims(claim)
}

function endingClaims(claim: Claim): void {
  claim("gives an entry to nobody else before its lease ends, then with another lease", async (stage) => {
    await stage.add()
    const leaseUntil = stage.time.now() + 3 * stage.time.stepMs
    const first = await stage.takeOne({ leaseUntil })
    const another = await stage.another()
    await stage.expectNothing({}, another)
    await stage.time.pass(3 * stage.time.stepMs)
    const second = await stage.takeOne({}, another)
    expect(second.entry.id).toBe(first.entry.id)
    expect(second.lease.token).not.toBe(first.lease.token)
  })

  claim("keeps an entry for who prolongs the lease", async (stage) => {
    await stage.add()
    const { stepMs } = stage.time
    const { lease } = await stage.takeOne({ leaseUntil: stage.time.now() + 3 * stepMs })
    expect(await stage.store.renew([lease], stage.time.now() + 3_600_000)).toEqual([])
    await stage.time.pass(4 * stepMs)
    await stage.expectNothing()
    expect(await stage.store.conclude(lease, stage.end("delivered"))).toBe(true)
  })

  claim("tells those apart whose lease is lost", async (stage) => {
    const { stepMs } = stage.time
    await stage.addAll({}, {})
    const [lost, kept] = await stage.take(2, { leaseUntil: stage.time.now() + 5 * stepMs })
    if (lost === undefined || kept === undefined) throw new Error("two were to be taken")
    expect(await stage.store.renew([kept.lease], stage.time.now() + 3_600_000)).toEqual([])
    await stage.time.pass(5 * stepMs)
    const again = await stage.takeOne({ leaseUntil: stage.time.now() + 3_600_000 })
    expect(again.entry.id).toBe(lost.entry.id)
    const until = stage.time.now() + 7_200_000
    expect(await stage.store.renew([lost.lease, kept.lease, again.lease], until)).toEqual([lost.lease])
    expect(await stage.store.renew([], until)).toEqual([])
  })

  claim("writes nothing for who has lost the lease", async (stage) => {
    const { stepMs } = stage.time
    await stage.add()
    const lost = await stage.takeOne({ leaseUntil: stage.time.now() + 2 * stepMs })
    await stage.time.pass(2 * stepMs)
    const second = await stage.takeOne({ leaseUntil: stage.time.now() + 3_600_000 })
    const before = await stage.read(second.entry.id)
    expect(await stage.store.conclude(lost.lease, stage.end("rejected"))).toBe(false)
    expect(await stage.read(second.entry.id)).toEqual(before)
    expect(await stage.store.conclude(second.lease, stage.end("delivered"))).toBe(true)
    expect(await stage.store.conclude(second.lease, stage.end("rejected"))).toBe(false)
    expect((await stage.read(second.entry.id)).state).toBe("delivered")
  })

  claim("lets an entry be changed when the lease of its sender has ended, which is then lost", async (stage) => {
    const { stepMs } = stage.time
    const id = await stage.add()
    const { lease } = await stage.takeOne({ leaseUntil: stage.time.now() + 2 * stepMs })
    await stage.time.pass(2 * stepMs)
    await stage.until(() => stage.alter(id, { state: "discarded" }))
    expect(await stage.store.conclude(lease, stage.end("delivered"))).toBe(false)
    expect(await stage.store.renew([lease], stage.time.now() + stepMs)).toEqual([lease])
    expect((await stage.read(id)).state).toBe("discarded")
  })

  claim("knows no leases of entries that are not there", async (stage) => {
    const lease = { id: stage.entry().id, token: "1" }
    expect(await stage.store.renew([lease], stage.time.now() + 1000)).toEqual([lease])
    expect(await stage.store.conclude(lease, stage.end("delivered"))).toBe(false)
  })
}

function concludingClaims(claim: Claim): void {
  for (const state of ["delivered", "rejected", "expired"] as const) {
    claim(`writes down for good that an entry is ${state}, with its result`, async (stage) => {
      const id = await stage.add({ body: bytes("body") })
      const claimed = await stage.takeOne()
      const at = stage.time.now()
      await stage.conclude(claimed, state, { at, tries: 7, result: bytes("refused") })
      const later = await stage.reopen()
      const { version, ...entry } = await stage.read(id, later)
      expect(version).toBeGreaterThan(1)
      expect(entry).toMatchObject({ state, changedAt: at, tries: 7, result: bytes("refused"), bodyBytes: 4 })
    })
  }

  claim(
    "takes an entry again that is to be sent later, not before it is due, with what is known of it",
    async (stage) => {
      const id = await stage.add()
      const claimed = await stage.takeOne()
      const at = stage.time.now()
      const dueAt = at + 3 * stage.time.stepMs
      await stage.conclude(claimed, "waiting", { at, dueAt, tries: 3, result: bytes("503") })
      expect(await stage.read(id)).toMatchObject({ state: "waiting", dueAt, changedAt: at, tries: 3 })
      await stage.expectNothing()
      expect((await stage.store.claim(stage.request())).nextAt ?? Number.NaN).toBeLessThanOrEqual(dueAt)
      await stage.time.pass(3 * stage.time.stepMs)
      const { entry, lease } = await stage.takeOne()
      expect(entry).toMatchObject({ id, tries: 3, result: bytes("503"), origin: ORIGIN })
      expect(lease.token).not.toBe(claimed.lease.token)
    },
  )

  claim("gives a lease back: what waits again is there for others at once", async (stage) => {
    await stage.add()
    await stage.conclude(await stage.takeOne({ leaseUntil: stage.time.now() + 3_600_000 }), "waiting")
    await stage.takeOne({}, await stage.another())
  })
}
