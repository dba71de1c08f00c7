import { expect } from "vitest"
import type { StoredEntry } from "../store.ts"
import { bytes, bytesOf, heldBack, idsOf, type Claim } from "./stage.ts"

/** What is added stays, once, all of it or nothing. */
export function addingClaims(claim: Claim): void {
  durabilityClaims(claim)
  keyClaims(claim)
  wholenessClaims(claim)
}

function durabilityClaims(claim: Claim): void {
  claim("keeps every field of an entry, also for who opens the data later", async (stage) => {
    const { body: _, ...entry } = stage.entry({
      key: "order-17 ☃",
      orderingKey: "customer 7",
      afterRejection: "skip",
      priority: -100,
      dueAt: stage.time.now() + 5000,
      content: Uint8Array.from({ length: 256 }, (_, byte) => byte),
    })
    const stored: StoredEntry = {
      ...entry,
      state: "waiting",
      version: 1,
      changedAt: entry.addedAt,
      tries: 0,
      bodyBytes: 4,
      result: undefined,
    }
    const added = await stage.store.add([{ ...entry, body: bytes("body") }])
    expect(added).toEqual([{ entry: stored, isNew: true }])
    const later = await stage.reopen()
    expect(await later.read(entry.id)).toEqual(stored)
    expect(await later.find("order-17 ☃")).toEqual(stored)
    expect(await bytesOf(await later.body(entry.id))).toEqual(bytes("body"))
  })

  claim("keeps empty content, empty texts and the absence of what may be absent", async (stage) => {
    const id = await stage.add({ content: new Uint8Array(0), priority: 100 })
    const { key, orderingKey, content, bodyBytes, result, priority } = await stage.read(id, await stage.reopen())
    expect([key, orderingKey, content.length, bodyBytes, result, priority]).toEqual([
      undefined,
      undefined,
      0,
      undefined,
      undefined,
      100,
    ])
  })

  claim("gives entries that were added together in their order", async (stage) => {
    const entries = Array.from({ length: 20 }, () => stage.entry())
    expect(idsOf(await stage.store.add(entries))).toEqual(entries.map(({ id }) => id))
    expect(await stage.store.add([])).toEqual([])
  })

  claim("keeps all that was added at the same time, through several stores", async (stage) => {
    const stores = [stage.store, await stage.another()]
    const entries = Array.from({ length: 100 }, () => stage.entry())
    await Promise.all(entries.map(async (entry, index) => stores[index % 2]?.add([entry])))
    const later = await stage.reopen()
    for (const { id } of entries) expect((await later.read(id))?.id).toBe(id)
  })
}

function keyClaims(claim: Claim): void {
  claim("gives the entry that has the key already, and adds nothing", async (stage) => {
    const first = await stage.add({ key: "k", content: bytes("first") })
    const later = await stage.reopen()
    const [added] = await later.add([stage.entry({ key: "k", content: bytes("second") })])
    expect([added?.isNew, added?.entry.id, added?.entry.content]).toEqual([false, first, bytes("first")])
    expect(await later.list({ limit: 10 })).toHaveLength(1)
  })

  claim("gives the first of those that have one key and are added together", async (stage) => {
    const [first, second, third] = [{ key: "k" }, { key: "k" }, { key: "other" }].map((parts) => stage.entry(parts))
    const added = await stage.store.add([first, second, third].filter((entry) => entry !== undefined))
    expect(added.map(({ entry, isNew }) => [entry.id, isNew])).toEqual([
      [first?.id, true],
      [first?.id, false],
      [third?.id, true],
    ])
  })

  claim("adds one of those that have one key and are added at the same time, through several stores", async (stage) => {
    const stores = [stage.store, await stage.another()]
    const adding = Array.from(
      { length: 20 },
      async (_, index) => (await stores[index % 2]?.add([stage.entry({ key: "k" })])) ?? [],
    )
    const added = (await Promise.all(adding)).flat()
    expect(added.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(new Set(idsOf(added)).size).toBe(1)
    expect(await stage.store.list({ limit: 50 })).toHaveLength(1)
  })

  for (const state of ["delivered", "rejected", "expired"] as const) {
    claim(`keeps the key of an entry that is ${state}`, async (stage) => {
      const first = await stage.add({ key: "k" })
      await stage.settleNext(state)
      expect(await stage.add({ key: "k" })).toBe(first)
    })
  }

  claim("frees the key of an entry that is discarded", async (stage) => {
    const first = await stage.add({ key: "k" })
    await stage.alter(first, { state: "discarded" })
    expect(await stage.store.find("k")).toBeUndefined()
    const second = await stage.add({ key: "k" })
    expect(second).not.toBe(first)
    expect((await stage.store.find("k"))?.id).toBe(second)
    expect((await stage.read(first)).key).toBe("k")
  })

  claim("finds an entry by its key alone", async (stage) => {
    await stage.addAll({}, { key: "a" }, { key: "A" })
    expect((await stage.store.find("a"))?.key).toBe("a")
    expect(await stage.store.find("undefined")).toBeUndefined()
    expect(await stage.store.find("")).toBeUndefined()
  })
}

function wholenessClaims(claim: Claim): void {
  claim("adds none of the entries when the body of one breaks, and rejects with its error", async (stage) => {
    const broken = new Error("the source broke")
    const body = (async function* () {
      yield bytes("some")
      throw broken
    })()
    const failing = stage.store.add([stage.entry({ key: "a" }), stage.entry({ key: "b", body }), stage.entry()])
    const others = stage.addAll({ key: "c" }, {})
    await expect(failing).rejects.toBe(broken)
    const ids = await others
    const later = await stage.reopen()
    expect((await later.list({ limit: 10 })).map(({ id }) => id).toSorted()).toEqual(ids)
    expect(await later.find("a")).toBeUndefined()
    expect(idsOf((await later.claim(stage.request(heldBack))).claimed)).toEqual([])
  })
}
