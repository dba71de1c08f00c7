import { expect, test } from "vitest"
import { rehearseOutbox } from "./test-outbox.ts"

test("an entry that is added is delivered", async () => {
  const { outbox, server, clock, told } = await rehearseOutbox()
  server.expect("POST /payments").replies(201, { body: { json: { id: 7 } } })
  const receipt = await outbox.post("/payments", { json: { amount: 5 }, key: "order-17" })
  expect(receipt.isNew).toBe(true)
  expect((await receipt.status()).state).toBe("waiting")
  outbox.run()
  const entry = await clock.runUntil(receipt.settled())
  expect(entry).toMatchObject({
    state: "delivered",
    tries: 1,
    key: "order-17",
    last: { kind: "success", status: 201, body: '{"id":7}' },
  })
  await clock.runUntil(outbox.close())
  expect(told).toEqual(["delivered /payments"])
  expect(clock.pending).toBe(0)
  server.verify()
})
