import { expect, test } from "vitest"
import { serveForTest, tea } from "./serve-for-test.ts"

const order = { items: [tea] }
const key = { "idempotency-key": "key-1" }

test("the same request under the same key is answered as the first time, and acted upon once", async () => {
  const { call } = await serveForTest()
  const first = await call("POST", "/orders", { headers: key, body: order })
  const again = await call("POST", "/orders", { headers: { "idempotency-key": '"key-1"' }, body: order })
  expect([first.status, again.status]).toEqual([201, 201])
  expect(again.headers.get("location")).toBe(first.headers.get("location"))
  expect(await again.text()).toBe(await first.text())
  expect(again.headers.get("idempotent-replayed")).toBe("true")
  expect(first.headers.get("idempotent-replayed")).toBeNull()
  expect(again.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"))
  expect(await (await call("GET", "/orders")).json()).toHaveLength(1)
})

test("without a key the same request is acted upon twice", async () => {
  const { call } = await serveForTest()
  await call("POST", "/orders", { body: order })
  await call("POST", "/orders", { body: order })
  expect(await (await call("GET", "/orders")).json()).toHaveLength(2)
})

test("while the first request is in progress another one gets 409 with Retry-After", async () => {
  const { call, nextWait } = await serveForTest()
  const headers = { ...key, trouble: "slow;delay-ms=500" }
  const first = call("POST", "/orders", { headers, body: order })
  const wait = await nextWait()
  const second = await call("POST", "/orders", { headers: key, body: order })
  expect(second.status).toBe(409)
  expect(second.headers.get("retry-after")).toBe("1")
  wait.end()
  expect((await first).status).toBe(201)
  const third = await call("POST", "/orders", { headers: key, body: order })
  expect(await third.text()).toBe(await (await first).text())
  expect(await (await call("GET", "/orders")).json()).toHaveLength(1)
})

test("another body, path or method under the key gets 422", async () => {
  const { call } = await serveForTest()
  const made = (await (await call("POST", "/orders", { headers: key, body: order })).json()) as { id: string }
  const other = await call("POST", "/orders", { headers: key, body: { items: [tea, tea] } })
  expect(other.status).toBe(422)
  expect(await other.json()).toMatchObject({
    detail: "This Idempotency-Key was used before with another method, path or body.",
  })
  expect((await call("PATCH", `/orders/${made.id}`, { headers: key, body: order })).status).toBe(422)
  expect(await (await call("GET", "/orders")).json()).toHaveLength(1)
})

test("PATCH is covered as well: a replay does not change the order a second time", async () => {
  const { call, clock } = await serveForTest()
  const { id } = (await (await call("POST", "/orders", { body: order })).json()) as { id: string }
  const first = await call("PATCH", `/orders/${id}`, { headers: key, body: { note: "one" } })
  await call("PATCH", `/orders/${id}`, { body: { note: "two" } })
  clock.nowMs += 1000
  const replay = await call("PATCH", `/orders/${id}`, { headers: key, body: { note: "one" } })
  expect(await replay.text()).toBe(await first.text())
  expect(await (await call("GET", `/orders/${id}`)).json()).toMatchObject({ note: "two" })
})

test("a refusal is an answer too, and replayed", async () => {
  const { call } = await serveForTest()
  const first = await call("POST", "/orders", { headers: key, body: {} })
  const again = await call("POST", "/orders", { headers: key, body: {} })
  expect([first.status, again.status]).toEqual([400, 400])
  expect(again.headers.get("idempotent-replayed")).toBe("true")
})

test("an error of the server is not: the key is free for the next attempt", async () => {
  const defects: unknown[] = []
  let broken = true
  const { call } = await serveForTest({
    onDefect: (error) => defects.push(error),
    surroundings: {
      now: () => 0,
      uuid: () => crypto.randomUUID(),
      wait: () => (broken ? Promise.reject(new Error("the disk is full")) : Promise.resolve()),
    },
  })
  const headers = { ...key, trouble: "slow;delay-ms=1" }
  const failed = await call("POST", "/orders", { headers, body: order })
  expect(failed.status).toBe(500)
  expect(await failed.text()).not.toContain("disk")
  expect(defects).toEqual([new Error("the disk is full")])
  broken = false
  expect((await call("POST", "/orders", { headers, body: order })).status).toBe(201)
})

test("each customer has keys of its own", async () => {
  const { call, api } = await serveForTest()
  const mine = (await (await call("POST", "/orders", { headers: key, body: order })).json()) as { id: string }
  const reply = await call("POST", "/orders", { token: api.tokens.grace.access, headers: key, body: order })
  expect(reply.status).toBe(201)
  expect(((await reply.json()) as { id: string }).id).not.toBe(mine.id)
})

test("a key is forgotten when its time is over", async () => {
  const { call, clock } = await serveForTest({ keepKeysMs: 1000 })
  await call("POST", "/orders", { headers: key, body: order })
  clock.nowMs += 999
  expect((await call("POST", "/orders", { headers: key, body: order })).headers.has("idempotent-replayed")).toBe(true)
  clock.nowMs += 1
  expect((await call("POST", "/orders", { headers: key, body: order })).headers.has("idempotent-replayed")).toBe(false)
  expect(await (await call("GET", "/orders")).json()).toHaveLength(2)
})

test("a key that is none is refused with 400", async () => {
  const { call } = await serveForTest()
  const reply = await call("POST", "/orders", { headers: { "idempotency-key": "a b" }, body: order })
  expect(reply.status).toBe(400)
  expect(await reply.json()).toMatchObject({ errors: [{ header: "Idempotency-Key" }] })
})
