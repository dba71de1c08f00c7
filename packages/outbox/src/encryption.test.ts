import { expect, test } from "vitest"
import { rehearseOutbox } from "./test-outbox.ts"

const key = Buffer.alloc(32, 7)

test("an encrypted outbox does the same, and its store holds nothing to be read", async () => {
  const { outbox, server, clock, store } = await rehearseOutbox({ encryption: { key } })
  server.expect("POST /payments/iban-DE02").replies(422, { body: { json: { message: "no such account" } } })
  server.expect("POST /large").replies(503)
  server.expect("POST /large").replies(200, { body: "thank you kindly" })
  const small = await outbox.post("/payments/iban-DE02", {
    json: { holder: "Ada Lovelace" },
    key: "order-17",
    orderingKey: "customer-4",
    headers: { "x-note": "confidential" },
  })
  const large = await outbox.post("/large", { body: "plain text ".repeat(20_000), key: "order-18" })
  outbox.run()
  expect(await clock.runUntil(small.settled())).toMatchObject({
    state: "rejected",
    key: "order-17",
    orderingKey: "customer-4",
    url: "https://api.test/payments/iban-DE02",
    bodyBytes: 25,
    last: { message: "no such account" },
  })
  expect(await clock.runUntil(large.settled())).toMatchObject({
    state: "delivered",
    bodyBytes: 220_000,
    last: { body: "thank you kindly" },
  })
  expect(server.requests.at(-1)?.text()).toBe("plain text ".repeat(20_000))
  expect((await outbox.find("order-17"))?.id).toBe(small.id)
  expect((await outbox.list({ orderingKey: "customer-4" })).map(({ id }) => id)).toEqual([small.id])
  expect((await outbox.post("/large", { body: "plain text ".repeat(20_000), key: "order-18" })).isNew).toBe(false)
  await outbox.amend(small.id, { json: { holder: "Grace Hopper" } })
  expect(store.raw).not.toMatch(
    /order-1|customer|payments|iban|Ada|Grace|confidential|plain text|no such|thank you|POST|"v"/,
  )
  await clock.runUntil(outbox.close())
})

test("another key, and none, are refused when the outbox is opened, and the store is closed again", async () => {
  const { outbox, store } = await rehearseOutbox({ encryption: { key } })
  await outbox.post("/x")
  await expect(rehearseOutbox({ store, encryption: { key: Buffer.alloc(32, 8) } })).rejects.toMatchObject({
    code: "sealed",
    message: expect.stringContaining("was encrypted with another key"),
  })
  await expect(rehearseOutbox({ store })).rejects.toThrow('open the outbox with "encryption: { key }"')
  expect(store.calls["close"]).toBe(2)
})

test("an outbox that is not encrypted is not opened with a key", async () => {
  const { outbox, store } = await rehearseOutbox()
  await outbox.post("/x")
  await expect(rehearseOutbox({ store, encryption: { key } })).rejects.toThrow(
    "an outbox is encrypted from its first entry on",
  )
})

test("an entry that was damaged waits, and the others go", async () => {
  const { outbox, server, clock, store, troubles } = await rehearseOutbox({ encryption: { key } })
  server.expect("POST /good").replies(204)
  const bad = await outbox.post("/bad")
  const good = await outbox.post("/good")
  const row = store.rows.get(bad.id)
  if (row !== undefined)
    row.entry = { ...row.entry, content: store.rows.get(good.id)?.entry.content ?? row.entry.content }
  outbox.run()
  expect((await clock.runUntil(good.settled())).state).toBe("delivered")
  expect(String(troubles[0]?.error)).toContain(`the content of entry ${bad.id} was damaged or changed`)
  expect(store.rows.get(bad.id)?.entry.state).toBe("waiting")
  await clock.runUntil(outbox.stop())
})
