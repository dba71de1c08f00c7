import { getEventListeners } from "node:events"
import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { all, BodyError, NotFoundError, polling, type BatchProgress, type Call } from "./index.ts"

/** A stage whose server answers every request after 100 ms with the number in its path. */
function stage(options: Parameters<typeof rehearse>[0] = {}) {
  const staged = rehearse({ retry: false, ...options })
  staged.server.otherwise.replies(200, { body: { json: 1 }, delayMs: 100 })
  return staged
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** What a promise is rejected with. */
async function reason(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(() => { throw new Error("resolved") }, (error: unknown) => error) // prettier-ignore
}

describe("all()", () => {
  test("makes six calls at a time, and gives their ends in order", async () => {
    const { api, server, clock, run } = stage()
    const calls = numbers(13).map((id) => api.get("/{id}", { path: { id } }))
    const batch = await run(all(calls, { read: (reply) => reply.json<number>() }))
    expect(batch.ends.map(({ kind, index, item }) => [kind, index, item === calls[index]])).toEqual(numbers(13).map((n) => ["success", n, true])) // prettier-ignore
    expect(batch.counts).toEqual({ success: 13, "client-error": 0, "server-error": 0, "no-reply": 0, thrown: 0, "not-sent": 0 }) // prettier-ignore
    expect([batch.isStopped, clock.now(), clock.pending]).toEqual([false, 300, 0])
    const startsAt = (atMs: number) => server.requests.filter(({ startedAtMs }) => startedAtMs === atMs).length
    expect([startsAt(0), startsAt(100), startsAt(200)]).toEqual([6, 6, 1])
  })

  test("fills a place as soon as it is free", async () => {
    const { api, server, run } = rehearse()
    server.replies(200, { delayMs: 1000 })
    server.otherwise.replies(200, { delayMs: 10 })
    await run(all(numbers(5), () => api.get("/"), { concurrency: 2 }))
    expect(server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([0, 0, 10, 20, 30])
  })

  test("loses no end, whatever the others do", async () => {
    const { api, server, run } = rehearse({ retry: false })
    const aborted = AbortSignal.abort("its own reason")
    server.expect("GET /0").replies(200, { body: { json: { a: 1 } } })
    server.expect("GET /1").replies(404, { body: { json: { detail: "none" } } })
    server.expect("GET /2").replies(503)
    server.expect("GET /3").fails("refused")
    server.expect("GET /6").replies(200, { body: "<html>" })
    const calls = numbers(7).map((id) => api.get(id === 5 ? "//evil.test" : `/${id}`, id === 4 ? { signal: aborted } : {})) // prettier-ignore
    const { ends, counts } = await run(all(calls, { concurrency: 1, read: (reply) => reply.json() }))
    expect(ends.map(({ kind }) => kind)).toEqual(["success", "client-error", "server-error", "no-reply", "thrown", "thrown", "thrown"]) // prettier-ignore
    expect(ends[0]).toMatchObject({ value: { a: 1 }, outcome: { status: 200 } })
    expect(ends[1]).toMatchObject({ error: { serverMessage: "none" }, outcome: { status: 404 } })
    expect(ends[4]).toMatchObject({ error: "its own reason", outcome: undefined })
    expect(ends[5]).toMatchObject({ error: { name: "ConfigurationError" } })
    expect(ends[6]).toMatchObject({ outcome: { status: 200 } })
    expect(ends[6]?.kind === "thrown" && BodyError.is(ends[6].error)).toBe(true)
    expect(ends[1]?.kind === "client-error" && NotFoundError.is(ends[1].error)).toBe(true)
    expect(counts).toEqual({ success: 1, "client-error": 1, "server-error": 1, "no-reply": 1, thrown: 3, "not-sent": 0 }) // prettier-ignore
  })

  test("of nothing is nothing", async () => {
    expect(await all([])).toMatchObject({ ends: [], isStopped: false })
  })

  test("takes calls of every kind: of an operation, and such as were sent before", async () => {
    const { api, server, run } = rehearse({ abilities: [polling] })
    server.expect("GET /sent").replies(200)
    server.expect("POST /exports").replies(202, { headers: { location: "/jobs/7" } })
    server.expect("GET /jobs/7").replies(200, { body: { json: { rows: 3 } } })
    const sent = api.get("/sent")
    await run(sent)
    const { ends } = await run(all([sent, api.post("/exports").poll()], { read: (reply) => reply.text() }))
    expect(ends.map((end) => end.kind === "success" && end.value)).toEqual(["", '{"rows":3}'])
    server.verify()
  })

  test("tells of each end", async () => {
    const { api, server, run } = rehearse({ retry: false })
    server.replies(200, { delayMs: 20 }).replies(404, { delayMs: 10 }).replies(200)
    const heard: BatchProgress<number, undefined>[] = []
    await run(all([7, 8, 9], () => api.get("/"), { concurrency: 2, onProgress: (progress) => heard.push(progress) }))
    expect(heard.map(({ end, done, total, counts }) => [end.item, done, total, counts.success, counts["client-error"]])).toEqual([
      [8, 1, 3, 0, 1],
      [9, 2, 3, 1, 1],
      [7, 3, 3, 2, 1],
    ])
  }) // prettier-ignore
})

describe("items", () => {
  test("of an async iterable are asked for when there is room, never ahead", async () => {
    const { api, server, clock, run } = stage()
    const asked: number[] = []
    async function* rows() {
      for (const id of numbers(5)) {
        asked.push(clock.now())
        yield await Promise.resolve(id)
      }
    }
    const { ends } = await run(all(rows(), (id) => api.get("/{id}", { path: { id } }), { concurrency: 2 }))
    expect(asked).toEqual([0, 0, 100, 100, 200])
    expect(ends.map(({ item }) => item)).toEqual(numbers(5))
    expect(server.requests.map(({ url }) => url)).toEqual(numbers(5).map((id) => `https://api.test/${id}`))
  })

  test("that come late leave the others alone", async () => {
    const { api, clock, run } = stage()
    async function* slow() {
      for (const id of numbers(3)) {
        await new Promise<void>((resolve) => clock.after(1000, resolve))
        yield id
      }
    }
    const progress: number[] = []
    await run(all(slow(), () => api.get("/"), { onProgress: () => progress.push(clock.now()) }))
    expect(progress).toEqual([1100, 2100, 3100])
  })

  test("of a generator are let go when the batch stops, and it is closed", async () => {
    const { api, run } = stage()
    let closed = 0
    function* endless() {
      try {
        for (let id = 0; ; id++) yield id
      } finally {
        closed++
      }
    }
    const stopWhen = ({ index }: { index: number }): boolean => index >= 9
    const { ends, isStopped } = await run(all(endless(), () => api.get("/"), { concurrency: 3, stopWhen }))
    expect([ends.length, isStopped, closed]).toEqual([12, true, 1])
  })

  test("whose call cannot be made end in what was thrown", async () => {
    const { api, server, run } = stage()
    const mistake = new RangeError("no such id")
    const call = (id: number): Call => {
      if (id === 1) throw mistake
      return api.get("/")
    }
    const { ends } = await run(all(numbers(3), call))
    expect(ends.map(({ kind }) => kind)).toEqual(["success", "thrown", "success"])
    expect(ends[1]).toMatchObject({ error: mistake })
    expect(server.requests).toHaveLength(2)
  })

  test("of an iterable that throws: the calls under way end first, then it throws", async () => {
    const { api, server, clock, run } = stage()
    const broken = new Error("the file is gone")
    function* rows() {
      yield 1
      yield 2
      throw broken
    }
    expect(await run(reason(all(rows(), () => api.get("/"))))).toBe(broken)
    expect([server.requests.map(({ end }) => end), clock.now()]).toEqual([["answered", "answered"], 100])
  })
})

describe("stopWhen", () => {
  test("begins no further call; those under way end, the rest is not sent", async () => {
    const { api, server, run } = rehearse({ retry: false })
    server.replies(404, { delayMs: 50 })
    server.otherwise.replies(200, { delayMs: 100 })
    const calls = numbers(6).map((id) => api.get(`/${id}`))
    const batch = await run(all(calls, { concurrency: 3, stopWhen: ({ kind }) => kind === "client-error" }))
    expect(batch.ends.map(({ kind }) => kind)).toEqual(["client-error", "success", "success", "not-sent", "not-sent", "not-sent"]) // prettier-ignore
    expect(batch.ends.map(({ index, item }) => item === calls[index])).not.toContain(false)
    expect([batch.isStopped, batch.counts["not-sent"], server.requests.length]).toEqual([true, 3, 3])
  })

  test("sees how many ended how", async () => {
    const { api, server, run } = rehearse({ retry: false })
    server.otherwise.replies(503)
    const batch = await run(all(numbers(9), () => api.get("/"), { concurrency: 1, stopWhen: (_, counts) => counts["server-error"] >= 4 })) // prettier-ignore
    expect(batch.counts).toMatchObject({ "server-error": 4, "not-sent": 5 })
  })

  test.each(["stopWhen", "onProgress"] as const)(
    "as %s, that throws, ends the batch once all under way is over",
    async (name) => {
      const { api, server, run, clock } = stage()
      const defect = new RangeError("a defect")
      const options = { concurrency: 2, [name]: () => { throw defect } } // prettier-ignore
      expect(await run(reason(all(numbers(9), () => api.get("/"), options)))).toBe(defect)
      expect([server.requests.length, clock.now(), clock.pending]).toEqual([2, 100, 0])
    },
  )
})

describe("a signal", () => {
  test("ends the calls under way at once, sends no others, and loses nothing", async () => {
    const { api, server, clock, run } = stage()
    const controller = new AbortController()
    clock.after(250, () => controller.abort("left"))
    const calls = numbers(9).map((id) => api.get(`/${id}`))
    const { ends, counts, isStopped } = await run(all(calls, { concurrency: 2, signal: controller.signal }))
    expect(ends.map(({ kind }) => kind)).toEqual([..."ssss"].map(() => "success").concat(["thrown", "thrown", "not-sent", "not-sent", "not-sent"])) // prettier-ignore
    expect(ends[4]).toMatchObject({ error: "left" })
    expect([counts.thrown, isStopped, clock.now(), clock.pending]).toEqual([2, true, 250, 0])
    expect(server.requests.map(({ end }) => end).slice(4)).toEqual(["aborted", "aborted"])
    expect(getEventListeners(controller.signal, "abort")).toEqual([])
  })

  test("of a call counts as well, and ends that call alone", async () => {
    const { api, clock, run } = stage()
    const [batch, own] = [new AbortController(), new AbortController()]
    clock.after(50, () => own.abort("its own"))
    const calls = [api.get("/0", { signal: own.signal }), api.get("/1", { signal: own.signal }), api.get("/2")]
    const { ends } = await run(all(calls, { concurrency: 2, signal: batch.signal }))
    expect(ends.map((end) => (end.kind === "thrown" ? end.error : end.kind))).toEqual(["its own", "its own", "success"])
    for (const { signal } of [batch, own]) expect(getEventListeners(signal, "abort")).toEqual([])
  })

  test("that fired before sends nothing", async () => {
    const { api, server, run } = stage()
    const { ends } = await run(all([api.get("/"), api.get("/")], { signal: AbortSignal.abort() }))
    expect(ends.map(({ kind }) => kind)).toEqual(["not-sent", "not-sent"])
    expect(server.requests).toEqual([])
  })

  test.each<[string, (api: ReturnType<typeof stage>["api"]) => Parameters<typeof all>]>([
    ["an item that does not come", (api) => [(async function* () { yield await new Promise<never>(() => {}) })(), () => api.get("/")]],
    ["a read that does not end", (api) => [[1], () => api.get("/"), { read: () => new Promise<never>(() => {}) }]],
    ["a call that was sent without it", (api) => [[1], () => { const call = api.get("/"); void call.outcome(); return call }]],
  ])("is not kept waiting by %s", async (what, given) => {
    const { api, server, clock, run } = rehearse({ retry: false, deadline: 10_000 })
    if (what.includes("read")) server.replies(200)
    server.otherwise.hangs()
    const controller = new AbortController()
    clock.after(500, () => controller.abort("left"))
    const [items, call, options] = given(api)
    const { isStopped, ends } = await run(all(items, call as () => Call, { ...options, signal: controller.signal }))
    expect([isStopped, ends.every(({ kind }) => kind === "thrown")]).toEqual([true, true])
    expect(getEventListeners(controller.signal, "abort")).toEqual([])
  }) // prettier-ignore
})

describe("all() refuses", () => {
  test("promises of a function, whose errors nobody is left to hear", async () => {
    const { api, server, run } = rehearse()
    server.otherwise.replies(404)
    const unheard: unknown[] = []
    const hear = (error: unknown): void => void unheard.push(error)
    process.on("unhandledRejection", hear)
    const wrong = (() => api.get("/").json()) as unknown as () => Call
    expect(String(await reason(run(all([1, 2, 3], wrong))))).toMatch("all: call 0: an object (Promise)")
    // Node tells of them once all microtasks are done.
    await new Promise(setImmediate)
    process.off("unhandledRejection", hear)
    expect(unheard).toEqual([])
  })

  const { api } = stage()
  test.each<[string, unknown[], string]>([
    ["no list", [7], "all: a number; give a list of calls, or items and a function that makes a call for each"],
    ["a text", ["abc"], "all: a string; give a list of calls, or items and a function that makes a call for each"],
    ["nothing", [undefined], "all: undefined; give a list of calls, or items and a function that makes a call for each"],
    ["an async iterable of calls", [(async function* () {})()], "all: an async iterable of calls; give items, and a function that makes a call for each"],
    ["promises", [[api.get("/"), Promise.resolve(1)]], "all: call 1: an object (Promise); give a call that nobody has read: api.get(url), without .json()"],
    ["null", [[null]], "all: call 0: null; give a call that nobody has read: api.get(url), without .json()"],
    ["a concurrency of 0", [[], { concurrency: 0 }], "all: concurrency: 0; give a number from 1 to Infinity"],
    ["half a call at a time", [[], { concurrency: 1.5 }], "all: concurrency: 1.5; give a whole number"],
    ["an unknown option", [[], { limit: 3 }], 'all: no option "limit"; there is concurrency, read, stopWhen, onProgress, signal'],
    ["no options", [[], 3], "all: 3; give { concurrency, read, stopWhen, onProgress, signal }"],
    ["a read that is none", [[], { read: "json" }], 'all: read: "json"; give a function'],
    ["a stopWhen that is none", [[], { stopWhen: "client-error" }], 'all: stopWhen: "client-error"; give a function'],
    ["an onProgress that is none", [[], { onProgress: 1 }], "all: onProgress: 1; give a function"],
    ["no signal", [[], { signal: new AbortController() }], "all: signal: an object (AbortController); give an AbortSignal: controller.signal"],
  ])("%s", async (_, given, message) => {
    expect(await reason(all(...(given as Parameters<typeof all>)))).toMatchObject({ name: "ConfigurationError", message })
  }) // prettier-ignore

  test("what its function makes and is no call, without going on", async () => {
    const { api, server, run } = stage()
    const call = (id: number): unknown => (id === 1 ? api.get("/").json() : api.get("/"))
    const error = await run(reason(all(numbers(9), call as () => Call, { concurrency: 2 })))
    expect(error).toMatchObject({ message: "all: call 1: an object (Promise); give a call that nobody has read: api.get(url), without .json()" })
    expect(server.requests.length).toBe(2)
  }) // prettier-ignore
})
