import { expect } from "vitest"
import type { Store } from "../store.ts"
import { bytes, bytesOf, type Claim, type Stage } from "./stage.ts"

/** What a store tells of, and how it ends. */
export function tellingClaims(claim: Claim): void {
  for (const who of ["itself", "another store"] as const) {
    const teller = (stage: Stage): Promise<Store> => (who === "itself" ? Promise.resolve(stage.store) : stage.another())

    claim(`tells of work that ${who} was given, and that falls due again`, async (stage) => {
      const store = await teller(stage)
      const heard = hear(stage)
      await stage.add({}, store)
      await heard.waitFor(() => heard.work > 0)
      const claimed = await stage.takeOne({}, store)
      heard.work = 0
      await store.conclude(claimed.lease, stage.end("waiting", { dueAt: stage.time.now() }))
      await heard.waitFor(() => heard.work > 0)
    })

    claim(`tells of entries that ${who} has changed`, async (stage) => {
      const store = await teller(stage)
      const [first, second] = await stage.addAll({ priority: 1 }, {})
      const heard = hear(stage)
      const claimed = await stage.takeOne({}, store)
      await store.conclude(claimed.lease, stage.end("delivered"))
      await heard.waitFor(() => heard.changed.has(first ?? ""))
      const { version } = await stage.read(second ?? "")
      await store.alter(second ?? "", version, { at: stage.time.now(), state: "discarded" })
      await heard.waitFor(() => heard.changed.has(second ?? ""))
    })
  }

  claim("tells of work when an ordering key goes on", async (stage) => {
    await stage.addAll({ orderingKey: "line" }, { orderingKey: "line" })
    const claimed = await stage.takeOne()
    const heard = hear(stage)
    await stage.conclude(claimed, "delivered")
    await heard.waitFor(() => heard.work > 0)
  })

  claim("tells several who listen, and none that has stopped", async (stage) => {
    const [one, other, stopped] = [hear(stage), hear(stage), hear(stage)]
    stopped.stop()
    stopped.stop()
    await stage.add()
    await one.waitFor(() => one.work > 0)
    await other.waitFor(() => other.work > 0)
    expect(stopped.work).toBe(0)
  })

  claim("has kept what it promised when it is closed", async (stage) => {
    const body = new Uint8Array(300_000).fill(7)
    const adding = Array.from({ length: 20 }, () => stage.entry({ body: bytes("x") }))
    const promised = [
      stage.store.add([stage.entry({ key: "large", body })]),
      ...adding.map((one) => stage.store.add([one])),
    ]
    await Promise.all(promised)
    const later = await stage.reopen()
    const large = await later.find("large")
    expect((await bytesOf(await later.body(large?.id ?? "")))?.length).toBe(300_000)
    expect(await later.list({ limit: 100 })).toHaveLength(21)
  })
}

/** Notes what the stage's store tells of. */
function hear(stage: Stage) {
  const heard = {
    work: 0,
    changed: new Set<string>(),
    stop: stage.store.listen({
      work: () => void heard.work++,
      changed: (id) => void heard.changed.add(id),
    }),
    /** Telling takes a while, also where time is virtual. */
    async waitFor(condition: () => boolean): Promise<void> {
      for (let step = 0; step < 100 && !condition(); step++) await stage.time.pass(stage.time.stepMs / 10)
      expect(condition()).toBe(true)
    },
  }
  return heard
}
