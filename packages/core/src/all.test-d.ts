import { expectTypeOf, test } from "vitest"
import { z } from "zod"
import { all, polling, steadfetch, type Batch, type Call, type NoReply, type Success } from "./index.ts"

const api = steadfetch({ abilities: [polling] })

test("calls give their own types, and what is read of them", () => {
  const calls = [api.get("/1"), api.get("/2")]
  expectTypeOf(all(calls)).resolves.toExtend<Batch<Call, undefined>>()
  const read = all(calls, { read: (reply) => reply.json(z.object({ id: z.number() })) })
  expectTypeOf(read).resolves.toExtend<Batch<Call, { id: number }>>()
  expectTypeOf(all([api.post("/").poll()], { read: (reply) => reply.status })).resolves.toEqualTypeOf<
    Batch<Call, number>
  >()
})

test("items give theirs, from lists, sets, generators and async ones", () => {
  expectTypeOf(all([1, 2], (id) => api.get("/{id}", { path: { id } }))).resolves.toEqualTypeOf<
    Batch<number, undefined>
  >()
  expectTypeOf(all(new Set(["a"]), (name) => api.get(name))).resolves.toEqualTypeOf<Batch<string, undefined>>()
  async function* rows() {
    yield await Promise.resolve({ id: 7 })
  }
  const batch = all(rows(), (json, index) => api.post(`/${index}`, { json }), { read: async (reply) => reply.text() })
  expectTypeOf(batch).resolves.toEqualTypeOf<Batch<{ id: number }, string>>()
})

test("an end's kind tells what it holds", async () => {
  const { ends, counts } = await all([1], () => api.get("/"), { read: (reply) => reply.status })
  expectTypeOf(counts["not-sent"]).toEqualTypeOf<number>()
  for (const end of ends) {
    expectTypeOf(end.item).toEqualTypeOf<number>()
    if (end.kind === "success") {
      expectTypeOf(end.value).toEqualTypeOf<number>()
      expectTypeOf(end.outcome).toEqualTypeOf<Success>()
      expectTypeOf(end).not.toHaveProperty("error")
    } else if (end.kind === "no-reply") expectTypeOf(end.outcome).toEqualTypeOf<NoReply>()
    else if (end.kind === "not-sent") expectTypeOf(end.outcome).toEqualTypeOf<undefined>()
  }
})

test("promises, and async iterables of calls, are refused", () => {
  expectTypeOf(all).toBeFunction()
  // @ts-expect-error sent already
  void all([api.get("/").json()])
  // @ts-expect-error no call
  void all([1], () => 1)
  // @ts-expect-error an async generator would await the calls
  void all((async function* () { yield api.get("/") })()) // prettier-ignore
})
