import { getEventListeners } from "node:events"
import { json, reset, startFaultServer, status, type Step } from "@steadfetch/testing/fault-server"
import { all, steadfetch } from "steadfetch"
import { expect, test } from "vitest"

const retry = { attempts: 5, baseMs: 1, capMs: 5, budget: false } as const
const ids = Array.from({ length: 100 }, (_, id) => id)

/** A client, and the most attempts that it had under way at once. */
function counting(origin: string) {
  const seen = { underWay: 0, most: 0 }
  const api = steadfetch({
    baseUrl: origin,
    retry,
    on: {
      "attempt-started": () => (seen.most = Math.max(seen.most, ++seen.underWay)),
      "attempt-ended": () => seen.underWay--,
    },
  })
  return { api, seen }
}

/** What becomes of the requests for one item: some need several, some are refused. */
function fate(id: number): Step | Step[] {
  if (id % 10 === 3) return json(404, { detail: `no ${id}` })
  const answer = json(200, { id }, { delayMs: id % 7 })
  return id % 5 === 1 ? [reset("after-headers"), status(503), answer] : answer
}

test("a hundred calls over a bad connection: each ends as it should, in order, five at a time", async () => {
  await using server = await startFaultServer(Object.fromEntries(ids.map((id) => [`GET /${id}`, fate(id)])))
  const { api, seen } = counting(server.origin)
  const read = (reply: { json<T>(): Promise<T> }) => reply.json<{ id: number }>()
  const { ends, counts } = await all(ids, (id) => api.get(`/${id}`), { concurrency: 5, read })
  expect(counts).toMatchObject({ success: 90, "client-error": 10, "server-error": 0, "no-reply": 0, thrown: 0 })
  for (const end of ends) expect(end.kind === "success" ? end.value.id : end.item).toBe(end.index)
  expect(seen).toEqual({ underWay: 0, most: 5 })
  expect(server.requests).toHaveLength(100 + 20 * 2)
})

test("rows of a stream are sent as they come, and a stop closes the stream", async () => {
  await using server = await startFaultServer({ "POST /rows": [status(201), status(201), status(422)] })
  const { api } = counting(server.origin)
  let closed = false
  async function* rows() {
    try {
      for (const id of ids) yield await Promise.resolve({ id })
    } finally {
      closed = true
    }
  }
  const batch = await all(rows(), (row) => api.post("/rows", { json: row }), {
    concurrency: 1,
    stopWhen: ({ kind }) => kind === "client-error",
  })
  expect([batch.ends.map(({ kind }) => kind), closed]).toEqual([["success", "success", "client-error"], true])
  expect(server.requests).toHaveLength(3)
})

test("an abort ends the calls under way and sends no other", async () => {
  await using server = await startFaultServer({ "GET /*": { kind: "drop", at: "before-headers", by: "silence" } })
  const { api } = counting(server.origin)
  const controller = new AbortController()
  const batch = all(ids, (id) => api.get(`/${id}`), { concurrency: 4, signal: controller.signal })
  await server.received(4)
  controller.abort("enough")
  const { counts, isStopped } = await batch
  expect([counts.thrown, counts["not-sent"], isStopped]).toEqual([4, 96, true])
  expect(server.requests).toHaveLength(4)
  expect(getEventListeners(controller.signal, "abort")).toEqual([])
})
