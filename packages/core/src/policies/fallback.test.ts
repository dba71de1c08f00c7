import { getEventListeners } from "node:events"
import { rehearse, type ScriptedReply } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { NoReplyError, ServerError, TimeoutError, type EventMap, type Success } from "../index.ts"
import { fallback, type FallbackOptions, type Substitute } from "./fallback.ts"

const once = { retry: false as const }

function rehearseFallback(options: FallbackOptions, more: Parameters<typeof rehearse>[0] = once) {
  return rehearse({ ...more, add: [fallback(options)] })
}

async function errorOf(call: PromiseLike<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe("what is answered for", () => {
  test.each([500, 502, 503, 504, 599])("a %i is, after all attempts", async (status) => {
    const { api, server, run } = rehearseFallback({ with: () => ({ json: { rate: 1 } }) }, { retry: { attempts: 3 } })
    server.otherwise.replies(status)
    const reply = await run(api.get("/"))
    expect(await reply.json()).toEqual({ rate: 1 })
    expect([reply.status, reply.servedBy, reply.attempts.length]).toEqual([200, "fallback", 3])
  })

  test.each(["refused", "dns", "reset", "timeout", "network", "broken-body", "rejected"] as const)(
    "no reply because of %s is",
    async (code) => {
      const { api, server, run } = rehearseFallback({ with: () => ({ text: "old" }) })
      server.fails(code)
      expect(await run(api.get("/").text())).toBe("old")
    },
  )

  test.each(["tls", "too-large", "redirect"] as const)("%s is not: time does not heal it", async (code) => {
    const { api, server, run } = rehearseFallback({ with: () => ({ text: "old" }) })
    server.fails(code)
    expect(await errorOf(run(api.get("/")))).toMatchObject({ code })
  })

  test.each([200, 204, 304, 400, 401, 404, 429])("a %i is not: the server did its part", async (status) => {
    const { api, server, run } = rehearseFallback({ with: () => ({ text: "old" }) })
    server.replies(status)
    expect(await run(api.get("/").outcome())).toMatchObject({ status, servedBy: undefined })
  })

  test("`when` decides instead", async () => {
    const { api, server, run } = rehearseFallback({
      when: (outcome) => outcome.kind === "reply" && outcome.status === 404,
      with: () => ({ json: null }),
    })
    server.replies(404).replies(500)
    expect(await run(api.get("/").json())).toBeNull()
    expect(ServerError.is(await errorOf(run(api.get("/"))))).toBe(true)
  })

  test("a stream is answered for, too", async () => {
    const { api, server, run } = rehearseFallback({ with: () => ({ text: "old" }) })
    server.fails("reset")
    expect(await run(new Response(await run(api.get("/").stream())).text())).toBe("old")
  })
})

describe("what answers", () => {
  test("a made-up reply has the status, body and headers that it was given", async () => {
    const made = { status: 203, text: "old", headers: { "X-From": "shelf", warning: 110 } }
    const { api, server, run } = rehearseFallback({ with: () => made })
    server.replies(500)
    const reply = await run(api.get("/"))
    expect([reply.status, await reply.text()]).toEqual([203, "old"])
    expect([...reply.headers]).toEqual([["x-from", "shelf"], ["warning", "110"], ["content-type", "text/plain;charset=UTF-8"]]) // prettier-ignore
    expect([reply.headers.get("Content-Type"), reply.headers.get("etag")]).toEqual(["text/plain;charset=UTF-8", null])
  })

  test("its own Content-Type goes before the implied one, and bytes imply none", async () => {
    const problem = { json: {}, headers: { "content-type": "application/problem+json" } }
    const bytes = new Uint8Array([1, 2])
    const made = [problem, { bytes }]
    const { api, server, run } = rehearseFallback({ with: () => made.shift() })
    server.otherwise.replies(500)
    expect((await run(api.get("/"))).headers.get("content-type")).toBe("application/problem+json")
    const reply = await run(api.get("/"))
    expect([reply.headers.get("content-type"), await reply.bytes()]).toEqual([null, bytes])
    ;(await reply.bytes())[0] = 9
    expect(bytes).toEqual(new Uint8Array([1, 2]))
  })

  test("an empty answer is a reply without a body", async () => {
    const { api, server, run } = rehearseFallback({ with: () => ({ status: 204 }) })
    server.replies(500)
    expect(await run(api.get("/").json())).toBeUndefined()
  })

  test("a status from 400 on is an error as any other", async () => {
    const { api, server, run } = rehearseFallback({ with: () => ({ status: 503, json: { message: "closed" } }) })
    server.fails("refused")
    expect(await errorOf(run(api.get("/")))).toMatchObject({ status: 503, serverMessage: "closed" })
  })

  test("another call answers with its reply; its own policies are its own", async () => {
    const mirror = rehearse({ baseUrl: "https://mirror.test" })
    mirror.server.expect("GET /rates").replies(200, { body: { json: [1] }, headers: { "x-mirror": "yes" } })
    const { api, server, run } = rehearseFallback({ with: () => mirror.api.get("/rates") })
    server.replies(500)
    const reply = await run(api.get("/rates"))
    expect([await reply.json(), reply.headers.get("x-mirror"), reply.url]).toEqual([[1], "yes", "https://mirror.test/rates"]) // prettier-ignore
    mirror.server.verify()
  })

  test("a reply that is held answers again and again, whatever callers do with its bytes", async () => {
    const held: { reply?: Awaited<ReturnType<typeof api.get>> } = {}
    const { api, server, run } = rehearseFallback({ with: () => held.reply })
    server.replies(200, { body: new Uint8Array([1]) })
    held.reply = await run(api.get("/"))
    server.otherwise.replies(500)
    for (let call = 0; call < 2; call++) {
      const bytes = await run(api.get("/").bytes())
      expect(bytes).toEqual(new Uint8Array([1]))
      bytes.fill(0)
    }
  })

  test("the outcome and the request are told", async () => {
    const told: unknown[] = []
    const { api, server, run } = rehearseFallback({
      with: (outcome, request) => {
        told.push(outcome.kind === "failure" ? outcome.code : outcome.status, request.method, request.url)
        return undefined
      },
    })
    server.replies(502).fails("reset")
    await errorOf(run(api.get("/a")))
    await errorOf(run(api.put("/b")))
    expect(told).toEqual([502, "GET", "https://api.test/a", "reset", "PUT", "https://api.test/b"])
  })
})

describe("the outcome stays as it was", () => {
  test("when there is no answer", async () => {
    const { api, server, run } = rehearseFallback({ with: async () => undefined })
    server.replies(503, { body: { json: { message: "maintenance" } } })
    expect(await errorOf(run(api.get("/")))).toMatchObject({ status: 503, serverMessage: "maintenance" })
  })

  test("when the other call fails as well", async () => {
    const mirror = rehearse(once)
    mirror.server.replies(404)
    const { api, server, run } = rehearseFallback({ with: () => mirror.api.get("/") })
    server.fails("reset")
    const error = await errorOf(run(api.get("/")))
    expect(NoReplyError.is(error) && error.code).toBe("reset")
  })

  test("but a defect in `with` rejects the call", async () => {
    const defect = new TypeError("x is not a function")
    const { api, server, run } = rehearseFallback({
      with: () => {
        throw defect
      },
    })
    server.replies(500)
    await expect(run(api.get("/").outcome())).rejects.toBe(defect)
  })
})

describe("the caller's abort", () => {
  test("is never answered", async () => {
    const { api, server, run, clock } = rehearseFallback({ when: () => true, with: () => ({ text: "old" }) })
    server.hangs()
    const controller = new AbortController()
    clock.after(10, () => controller.abort("mine"))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe("mine")
  })

  test("ends the wait for an answer at once", async () => {
    const { api, server, run, clock } = rehearseFallback({ with: () => new Promise(() => {}) })
    server.replies(500)
    const controller = new AbortController()
    clock.after(10, () => controller.abort("mine"))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe("mine")
    expect([clock.now(), clock.pending]).toEqual([10, 0])
  })
})

describe("another call whose body is a stream", () => {
  /** Answers with another call, whose server does something to the body. */
  function rehearseMirror(body: ScriptedReply, more: Parameters<typeof rehearse>[0] = {}) {
    const mirror = { api: undefined as unknown as ReturnType<typeof rehearse>["api"] }
    const ask = async (_: unknown, __: unknown, signal: AbortSignal): Promise<Substitute> => {
      const outcome = await mirror.api.get("https://mirror.test/", { signal }).outcome({ reading: "stream" })
      return outcome.kind === "success" ? outcome : undefined
    }
    const rehearsal = rehearseFallback({ with: ask }, { retry: false, timeout: false, ...more })
    mirror.api = rehearsal.api.extend({ add: [] })
    rehearsal.server.expect("GET /").replies(503)
    rehearsal.server.expect("GET https://mirror.test/").replies(200, { body: "mirrored", ...body })
    return rehearsal
  }

  test("answers", async () => {
    const { api, run } = rehearseMirror({})
    expect(await run(api.get("/").text())).toBe("mirrored")
  })

  test("is given up with the caller's abort", async () => {
    const { api, server, run, clock } = rehearseMirror({ stallsAfterBytes: 3 })
    const controller = new AbortController()
    clock.after(10, () => controller.abort("mine"))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe("mine")
    await clock.settle()
    expect([clock.now(), server.openBodies]).toEqual([10, 0])
  })

  test("is given up at the deadline", async () => {
    const { api, server, run, clock } = rehearseMirror({ stallsAfterBytes: 3 }, { deadline: 1000 })
    expect(await run(api.get("/").outcome())).toMatchObject({ status: 503, servedBy: undefined })
    await clock.settle()
    expect([clock.now(), server.openBodies]).toEqual([1000, 0])
  })

  test("holds nobody up when it was not given the signal", async () => {
    const stalled = (): Promise<Substitute> => mirror.api.get("/").outcome({ reading: "stream" }) as Promise<Success>
    const mirror = rehearse({ retry: false, timeout: false, deadline: false })
    mirror.server.otherwise.replies(200, { body: "mirrored", stallsAfterBytes: 3 })
    const { api, server, run, clock } = rehearseFallback({ with: stalled }, { retry: false, deadline: 1000 })
    server.otherwise.replies(503)
    expect(await run(api.get("/").outcome())).toMatchObject({ status: 503, servedBy: undefined })
    const controller = new AbortController()
    clock.after(10, () => controller.abort("mine"))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe("mine")
    expect([clock.now(), clock.pending]).toEqual([1010, 0])
  })

  test("leaves the outcome as it was when the body breaks off", async () => {
    const { api, run } = rehearseMirror({ breaksAfterBytes: 3 })
    expect(await run(api.get("/").outcome())).toMatchObject({ status: 503, servedBy: undefined })
  })
})

describe("the signal that `with` is given", () => {
  test("fires with the caller's abort, and for its reason", async () => {
    let given: AbortSignal | undefined
    const fetchIt = (_: unknown, __: unknown, signal: AbortSignal): Promise<undefined> => {
      given = signal
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
    }
    const { api, server, run, clock } = rehearseFallback({ with: fetchIt })
    server.otherwise.replies(500)
    const controller = new AbortController()
    clock.after(10, () => controller.abort("mine"))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe("mine")
    expect([given?.reason, clock.now()]).toEqual(["mine", 10])
  })

  test("has fired when the deadline has come; whoever throws for it leaves the outcome as it was", async () => {
    const { api, server, run, clock } = rehearseFallback(
      { with: async (_, __, signal) => signal.throwIfAborted() as undefined },
      { deadline: 1000 },
    )
    server.otherwise.hangs()
    const error = await errorOf(run(api.get("/")))
    expect([TimeoutError.is(error) && error.limit, clock.pending]).toEqual(["deadline", 0])
  })

  test("leaves nothing behind when the answer is there", async () => {
    const { api, server, run, clock } = rehearseFallback({ with: () => ({ text: "old" }) })
    server.replies(500)
    const { signal } = new AbortController()
    await run(api.get("/", { signal }))
    expect([getEventListeners(signal, "abort").length, clock.pending]).toEqual([0, 0])
  })
})

test("a defect in `with` leaves no body open", async () => {
  const { api, server, run } = rehearseFallback({
    when: () => true,
    with: () => {
      throw new TypeError("a defect")
    },
  })
  server.replies(200, { body: "a body" })
  await expect(run(api.get("/").stream())).rejects.toThrow("a defect")
  expect(server.openBodies).toBe(0)
})

describe("when the deadline comes", () => {
  test.each([
    ["a value", () => ({ text: "old" })],
    ["an async function that waits for nothing", async () => ({ text: "old" })],
  ])("%s still answers", async (_, substitute) => {
    const { api, server, run, clock } = rehearseFallback({ with: substitute }, { deadline: 1000 })
    server.otherwise.hangs()
    const reply = await run(api.get("/"))
    expect([await reply.text(), reply.servedBy, clock.now(), clock.pending]).toEqual(["old", "fallback", 1000, 0])
  })

  test("what has to be waited for comes too late", async () => {
    const late = (): Promise<undefined> => new Promise(() => {})
    const { api, server, run, clock } = rehearseFallback({ with: late }, { deadline: 1000 })
    server.otherwise.hangs()
    const error = await errorOf(run(api.get("/")))
    expect([TimeoutError.is(error) && error.limit, clock.now()]).toEqual(["deadline", 1000])
  })

  test("`reserveMs` keeps the time for it that it needs", async () => {
    const mirror = { api: undefined as unknown as ReturnType<typeof rehearse>["api"] }
    const { api, server, run, clock } = rehearseFallback(
      { with: () => mirror.api.get("https://mirror.test/", { deadline: false }), reserveMs: 300 },
      { deadline: 1000, timeout: false },
    )
    mirror.api = api.extend({ add: [] })
    server.expect("GET /").hangs()
    server.expect("GET https://mirror.test/").replies(200, { body: "mirrored", delayMs: 200 })
    expect(await run(api.get("/").text())).toBe("mirrored")
    expect([clock.now(), clock.pending]).toEqual([900, 0])
  })

  test("an answer that takes longer than what was kept is given up at the deadline", async () => {
    const { api, server, run, clock } = rehearseFallback(
      { with: () => new Promise(() => {}), reserveMs: 300 },
      { deadline: 1000 },
    )
    server.otherwise.hangs()
    expect(await errorOf(run(api.get("/")))).toMatchObject({ limit: "deadline", message: expect.stringContaining("300 ms") }) // prettier-ignore
    expect([clock.now(), clock.pending]).toEqual([1000, 0])
  })

  test("no more than half of the time is kept, and none without a deadline", async () => {
    const { api, server, run, clock } = rehearseFallback(
      { with: () => ({ text: "old" }), reserveMs: 5000 },
      { deadline: 1000, timeout: false },
    )
    server.hangs().replies(200, { delayMs: 100_000 })
    await run(api.get("/"))
    expect(clock.now()).toBe(500)
    expect((await run(api.get("/", { deadline: false }))).servedBy).toBeUndefined()
  })
})

test("who listens hears that and why a call was answered", async () => {
  const heard: EventMap["served"][] = []
  const { api, server, run } = rehearseFallback(
    { with: () => ({ json: 1 }) },
    { ...once, on: { served: (event) => heard.push(event) } },
  )
  server.replies(503).fails("dns").replies(200)
  for (let call = 0; call < 3; call++) await run(api.get("/"))
  expect(heard.map(({ policy, why }) => [policy, why])).toEqual([
    ["fallback", "the server answered 503"],
    ["fallback", "no reply: dns"],
  ])
})

test.each([
  [undefined],
  [{}],
  [{ with: { json: [] } }],
  [{ with: String, when: true }],
  [{ with: String, reserveMs: -1 }],
  [{ with: String, reserveMs: "1 s" }],
  [{ with: String, reserve: 1 }],
])("options that cannot work are refused: %j", (options) => {
  expect(() => fallback(options as never)).toThrow(/fallback.*(give|there is)/)
})

test.each([
  ["a list", []],
  ["a text", "old"],
  ["null", null],
  ["a Response", new Response("old")],
  ["a value that is not under json", { rates: [] }],
  ["two bodies", { json: 1, text: "1" }],
  ["a status beyond 599", { status: 600 }],
  ["an informational status", { status: 100 }],
  ["half a status", { status: 200.5 }],
  ["bytes that are none", { bytes: "old" }],
  ["a text that is none", { text: 5 }],
  ["what JSON cannot write", { json: Symbol("rates") }],
  ["a header that injects a line", { headers: { x: "a\nb" } }],
])("%s is no answer, and the call says so", async (_, answer) => {
  const { api, server, run } = rehearseFallback({ with: () => answer as never })
  server.replies(500)
  await expect(run(api.get("/"))).rejects.toMatchObject({ name: "ConfigurationError" })
})
