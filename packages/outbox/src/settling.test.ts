import { expect, test } from "vitest"
import { openOutbox } from "./open-outbox.ts"
import { rehearseOutbox } from "./test-outbox.ts"
import type { TestStore } from "./test-store.ts"

test("many wait with one listener, and none is left when they have what they waited for", async () => {
  const { outbox, server, clock, store } = await rehearseOutbox()
  server.otherwise.replies(204, { delayMs: 100 })
  const receipts = await Promise.all(Array.from({ length: 20 }, () => outbox.post("/x")))
  const all = Promise.all(receipts.map((receipt) => receipt.settled()))
  await clock.settle()
  expect(store.listeners).toBe(1)
  outbox.run()
  await clock.runUntil(all)
  await clock.runUntil(outbox.stop())
  expect([store.listeners, clock.pending]).toEqual([0, 0])
})

test("it is seen in another process, which is not told, too", async () => {
  const { outbox, server, clock, store, api } = await rehearseOutbox()
  server.replies(204, { delayMs: 100 })
  const { id } = await outbox.post("/x")
  const deaf = (): (() => void) => () => {}
  const get = (target: TestStore, name: keyof TestStore): unknown => {
    const value = target[name]
    return name === "listen" ? deaf : typeof value === "function" ? value.bind(target) : value
  }
  const other = await openOutbox({ api, store: new Proxy(store, { get } satisfies ProxyHandler<TestStore>) })
  const settled = other.receipt(id).settled()
  outbox.run()
  expect((await clock.runUntil(settled)).state).toBe("delivered")
  expect(clock.now()).toBeLessThan(2000)
  await clock.runUntil(outbox.close())
})

test("waiting ends with the reason of the signal, at once, and leaves nothing", async () => {
  const { outbox, clock, store } = await rehearseOutbox()
  const receipt = await outbox.post("/x")
  const controller = new AbortController()
  const settled = expect(receipt.settled({ signal: controller.signal })).rejects.toBe("enough")
  await clock.advance(10_000)
  controller.abort("enough")
  await settled
  expect([store.listeners, clock.pending]).toEqual([0, 0])
  await expect(receipt.settled({ signal: AbortSignal.abort("before") })).rejects.toBe("before")
  await expect(receipt.settled({ signal: new AbortController() as never })).rejects.toThrow(
    "signal: an object (AbortController)",
  )
})

test("waiting ends when the outbox is closed, and leaves nothing", async () => {
  const { outbox, server, clock, store } = await rehearseOutbox()
  server.replies(204, { delayMs: 100 })
  const first = await outbox.post("/x")
  const second = await outbox.post("/x", { notBefore: new Date(clock.date() + 60_000) })
  outbox.run()
  const delivered = first.settled()
  const ended = expect(second.settled()).rejects.toMatchObject({
    code: "store",
    message: "the outbox is closed; open it anew",
  })
  await clock.advance(10)
  await clock.runUntil(outbox.close())
  expect((await delivered).state).toBe("delivered")
  await ended
  expect([store.listeners, clock.pending]).toEqual([0, 0])
})

test("an entry that is looked at again and again is read ever less often", async () => {
  const { outbox, clock, store } = await rehearseOutbox()
  const receipt = await outbox.post("/x")
  const controller = new AbortController()
  const settled = receipt.settled({ signal: controller.signal }).catch(() => {})
  await clock.advance(600_000)
  expect(store.calls["read"]).toBeLessThan(35)
  controller.abort()
  await settled
})
