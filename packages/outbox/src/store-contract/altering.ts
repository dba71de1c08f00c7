import { expect } from "vitest"
import type { Alteration } from "../store.ts"
import { bytes, bytesOf, ORIGIN, OTHER_ORIGIN, type Claim } from "./stage.ts"

/** What someone changes about an entry. */
export function alteringClaims(claim: Claim): void {
  changingClaims(claim)
  refusingClaims(claim)
  releasingClaims(claim)
}

function changingClaims(claim: Claim): void {
  const changes: Readonly<Record<string, (now: number) => Partial<Alteration>>> = {
    "the origin": () => ({ origin: OTHER_ORIGIN }),
    "the priority": () => ({ priority: 42 }),
    "when it is due": (now) => ({ dueAt: now + 3_600_000 }),
    "when its lifetime ends": (now) => ({ expiresAt: now + 7_200_000 }),
    "the tries": () => ({ tries: 0 }),
    "the content": () => ({ content: bytes("changed") }),
    nothing: () => ({}),
  }
  for (const [what, change] of Object.entries(changes)) {
    claim(`changes of an entry what is asked, and leaves the rest: ${what}`, async (stage) => {
      const id = await stage.add({ key: "k", orderingKey: "line", body: bytes("body") })
      await stage.settleNext("rejected")
      const { version, ...before } = await stage.read(id)
      const at = stage.time.now()
      const parts = change(at)
      await stage.alter(id, { at, ...parts })
      const { version: raised, ...after } = await stage.read(id, await stage.reopen())
      expect(after).toEqual({ ...before, ...parts, state: "waiting", changedAt: at })
      expect(raised).toBeGreaterThan(version)
    })
  }

  claim("goes by the origin and the priority that an entry was given", async (stage) => {
    const [first, second] = await stage.addAll({}, {})
    await stage.alter(second ?? "", { priority: 5, origin: OTHER_ORIGIN })
    const room = (origin: string): number => (origin === ORIGIN ? 0 : 1)
    expect((await stage.takeOne({ room })).entry).toMatchObject({ id: second, origin: OTHER_ORIGIN })
    await stage.expectNothing({ room })
    await stage.alter(first ?? "", { dueAt: stage.time.now() + 3_600_000 })
    await stage.expectNothing()
  })

  claim("forgets an earlier due time for a later one, and the other way round", async (stage) => {
    const { stepMs } = stage.time
    const id = await stage.add({ dueAt: stage.time.now() + 2 * stepMs })
    await stage.alter(id, { dueAt: stage.time.now() + 3_600_000 })
    await stage.time.pass(3 * stepMs)
    await stage.expectNothing()
    await stage.alter(id, { dueAt: stage.time.now() })
    expect((await stage.takeOne()).entry.id).toBe(id)
  })
}

function refusingClaims(claim: Claim): void {
  claim("changes nothing of an entry that has another version", async (stage) => {
    const id = await stage.add()
    const before = await stage.read(id)
    const alteration = { at: stage.time.now() + 1, state: "discarded", content: bytes("x") } as const
    for (const version of [before.version + 1, before.version - 1])
      expect(await stage.store.alter(id, version, alteration)).toBe(false)
    expect(await stage.read(id)).toEqual(before)
    expect(await stage.store.alter(stage.entry().id, 1, alteration)).toBe(false)
  })

  claim("changes nothing of an entry that is being sent", async (stage) => {
    const id = await stage.add({ body: bytes("body") })
    const claimed = await stage.takeOne()
    const before = await stage.read(id)
    const alteration = { at: stage.time.now(), state: "discarded", body: null } as const
    expect(await stage.store.alter(id, before.version, alteration)).toBe(false)
    expect(await stage.read(id)).toEqual(before)
    expect(await bytesOf(await stage.store.body(id))).toEqual(bytes("body"))
    await stage.conclude(claimed, "delivered")
  })

  claim("changes nothing for who saw an entry before it was sent", async (stage) => {
    const id = await stage.add()
    const { version } = await stage.read(id)
    await stage.settleNext("waiting")
    expect(await stage.store.alter(id, version, { at: stage.time.now(), state: "discarded" })).toBe(false)
  })

  claim("lets one of those change an entry who do it at the same time", async (stage) => {
    const id = await stage.add()
    const { version } = await stage.read(id)
    const stores = [stage.store, await stage.another()]
    const alter = async (index: number) =>
      stores[index % 2]?.alter(id, version, { at: stage.time.now(), state: "waiting", priority: index })
    const done = await Promise.all([0, 1, 2, 3, 4].map(alter))
    expect(done.filter((wasChanged) => wasChanged === true)).toHaveLength(1)
    expect((await stage.read(id)).priority).toBe(done.indexOf(true))
  })
}

function releasingClaims(claim: Claim): void {
  for (const state of ["rejected", "expired"] as const) {
    claim(`takes an entry again that was ${state} and released, with its new content`, async (stage) => {
      const id = await stage.add()
      await stage.settleNext(state)
      await stage.alter(id, { content: bytes("corrected"), tries: 0 })
      const { entry } = await stage.takeOne()
      expect(entry).toMatchObject({ id, content: bytes("corrected"), tries: 0, result: bytes(`result: ${state}`) })
    })
  }

  claim("never sends what was discarded, also when it was due later", async (stage) => {
    const [now, later] = await stage.addAll({}, { dueAt: stage.time.now() + 2 * stage.time.stepMs })
    await stage.alter(now ?? "", { state: "discarded" })
    await stage.alter(later ?? "", { state: "discarded" })
    await stage.time.pass(3 * stage.time.stepMs)
    await stage.expectNothing()
  })
}
