import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { testRuntime, type VirtualClock } from "@steadfetch/testing"
import { json, redirect, refusedPort, reset, startFaultServer, status, trickle } from "@steadfetch/testing/fault-server"
import { describe, expect, test } from "vitest"
import { createFetch, deadline, dropIn, timeout, type DropInInit, type FetchOptions } from "./index.ts"

const url = "https://api.test/things"

interface Sent {
  readonly input: RequestInfo | URL
  readonly init: RequestInit | undefined
  readonly atMs: number
}

type Answer = Response | Error | ((init: RequestInit | undefined) => Promise<Response>)

/** A drop-in over a fetch that answers in order, on a virtual clock. */
function scripted(answers: Answer[], options: FetchOptions = {}) {
  const runtime = testRuntime()
  const { clock } = runtime
  const sent: Sent[] = []
  const platform: typeof fetch = async (input, init) => {
    sent.push({ input, init, atMs: clock.now() })
    const answer = answers.shift()
    if (answer === undefined) throw new Error("the script is at its end")
    if (answer instanceof Error) throw answer
    return answer instanceof Response ? answer : answer(init)
  }
  const dropInFetch = createFetch({ retry: { baseMs: 0 }, fetch: platform, runtime, ...options })
  const run: typeof fetch = (input, init) => clock.runUntil(dropInFetch(input, init))
  return { fetch: dropInFetch, run, sent, clock }
}

const reply = (status: number, headers: Record<string, string> = {}, body = ""): Response =>
  new Response(body === "" ? null : body, { status, headers })
const noConnection = (): TypeError =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) })
const cutOff = (): TypeError =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("read"), { code: "ECONNRESET" }) })
/** Never answers, and takes no notice of its signal. */
const silence = (): Promise<Response> => new Promise(() => {})

const headersOf = ({ input, init }: Sent): Headers =>
  new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(undefined, (error: unknown) => error)
}

describe("what comes back", () => {
  test("is the native Response itself, unread", async () => {
    const response = reply(200, {}, "hello")
    const { run } = scripted([response])
    const got = await run(url)
    expect(got).toBe(response)
    expect([got.bodyUsed, await got.text()]).toEqual([false, "hello"])
  })

  test("after the last attempt is the last Response, unread, and no error", async () => {
    const last = reply(503, {}, "still busy")
    const { run, sent } = scripted([reply(500), reply(502), reply(503), last])
    expect(await run(url)).toBe(last)
    expect([last.bodyUsed, sent.length]).toEqual([false, 4])
  })

  test.each(["opaque", "opaqueredirect"])("of type %s is no error: it is not sent again", async (type) => {
    const hidden = Object.defineProperties(reply(200), { type: { value: type }, status: { value: 0 } })
    const { run, sent } = scripted([hidden])
    expect(await run(url)).toBe(hidden)
    expect(sent.length).toBe(1)
  })

  test("for a 4xx is that Response, at once", async () => {
    const { run, sent } = scripted([reply(404)])
    expect([(await run(url)).status, sent.length]).toEqual([404, 1])
  })

  test("without a reply is the TypeError of the last attempt, with its causes", async () => {
    const last = cutOff()
    const { run, sent } = scripted([noConnection(), noConnection(), noConnection(), last])
    expect(await errorOf(run(url))).toBe(last)
    expect(sent.length).toBe(4)
  })

  test("without a reply is the platform's own error also where that is no TypeError, as in workerd", async () => {
    const lost = new Error("Network connection lost.")
    expect(await errorOf(scripted([lost]).run(url, { steadfetch: { retry: false } } as DropInInit))).toBe(lost)
  })

  test("of discarded attempts is cancelled, so that their connections are free", async () => {
    const busy = reply(503, {}, "busy")
    const cancelled: unknown[] = []
    const body = new ReadableStream({ cancel: (reason) => void cancelled.push(reason) })
    const { run } = scripted([new Response(body, { status: 503 }), reply(200), busy])
    await run(url)
    expect(cancelled.length).toBe(1)
  })

  test("is a rejection for invalid arguments, never an exception", async () => {
    const steady = createFetch()
    for (const call of [() => steady("http://["), () => steady(url, { method: "A B" })]) {
      const promise = call()
      await expect(promise).rejects.toBeInstanceOf(TypeError)
    }
  })
})

describe("what goes out", () => {
  test("are the original arguments, on every attempt", async () => {
    const { run, sent } = scripted([reply(503), reply(200)])
    const input = new URL(url)
    const init = { headers: { accept: "text/plain" } }
    await run(input, init)
    expect(sent.map((call) => call.input === input && call.init === init)).toEqual([true, true])
  })

  test("is a Request as it is, without a copy of it", async () => {
    const { run, sent } = scripted([reply(503), reply(200)])
    const request = new Request(url, { headers: { "x-one": "1" } })
    await run(request)
    expect(sent.map(({ input }) => input === request)).toEqual([true, true])
  })

  test("keeps keys of init that belong to others", async () => {
    const { run, sent } = scripted([reply(503), reply(200)])
    const dispatcher = {}
    const init: RequestInit = Object.assign({ method: "POST", body: "x" }, {
      retry: 5, timeout: undefined, responseType: "json", agent: undefined, dispatcher,
    }) // prettier-ignore
    await run(url, init)
    expect(sent.length).toBe(2)
    for (const call of sent) expect(call.init).toMatchObject({ method: "POST", body: "x", retry: 5, dispatcher })
  })

  test.each([
    ["a null prototype", Object.assign(Object.create(null) as Record<string, string>, { "x-one": "1" })],
    ["a list", [["x-one", "1"]] as [string, string][]],
    ["Headers", new Headers({ "X-One": "1" })],
    ["undefined", undefined],
  ])("takes header fields with %s", async (_, headers) => {
    const { run, sent } = scripted([reply(503), reply(200)])
    await run(url, { method: "POST", ...(headers === undefined ? { headers: undefined as never } : { headers }) })
    for (const call of sent) {
      expect(headersOf(call).get("x-one")).toBe(headers === undefined ? null : "1")
      expect(headersOf(call).get("idempotency-key")).toBe("id-1")
    }
  })

  test("a Request's own fields stay when a key joins them", async () => {
    const { run, sent } = scripted([reply(200)])
    await run(new Request(url, { method: "POST", headers: { "x-one": "1" } }))
    expect(sent.map((call) => [headersOf(call).get("x-one"), headersOf(call).get("idempotency-key")])).toEqual([
      ["1", "id-1"],
    ])
  })

  test.each([
    [url, { method: "POST", headers: { "IDEMPOTENCY-KEY": "mine" } }],
    [url, { method: "POST", headers: [["Idempotency-key", "mine"]] as [string, string][] }],
    [new Request(url, { method: "POST", headers: { "Idempotency-Key": "mine" } }), undefined],
  ])("an Idempotency-Key of the caller's survives", async (input, init) => {
    const { run, sent } = scripted([cutOff(), reply(200)])
    await run(input, init)
    expect(sent.map((call) => headersOf(call).get("idempotency-key"))).toEqual(["mine", "mine"])
  })

  test.each([
    ["/orders", "id-1"],
    ["orders?a=1", "id-1"],
    ["//other.test/orders", null],
  ])("in a web page, %s is seen as what it stands for", async (input, key) => {
    const { run, sent } = scripted([reply(200)], { runtime: testRuntime({ pageOrigin: "https://page.test" }) })
    await run(input, { method: "POST" })
    expect(sent.map((call) => [call.input, headersOf(call).get("idempotency-key")])).toEqual([[input, key]])
  })

  test("a lower-case method is still a POST", async () => {
    const { run, sent } = scripted([cutOff(), reply(200)])
    await run(url, { method: "post" })
    expect(sent.map((call) => headersOf(call).get("idempotency-key"))).toEqual(["id-1", "id-1"])
  })

  test.each([
    ["a string", "x"],
    ["bytes", new Uint8Array([1])],
    ["an ArrayBuffer", new ArrayBuffer(1)],
    ["a Blob", new Blob(["x"])],
    ["a form", new FormData()],
    ["parameters", new URLSearchParams("a=1")],
  ])("%s as a body is sent again", async (_, body) => {
    const { run, sent } = scripted([reply(503), reply(200)])
    await run(url, { method: "PUT", body })
    expect(sent.map(({ init }) => init?.body)).toEqual([body, body])
  })

  const stream = (): ReadableStream => new Blob(["x"]).stream()

  test.each([
    ["a stream", url, { method: "PUT", body: stream(), duplex: "half" }],
    ["an async iterable", url, { method: "PUT", body: (async function* () {})() as never, duplex: "half" }],
  ])("%s is sent once, and its 503 comes back", async (_, input, init) => {
    const { run, sent } = scripted([reply(503)])
    expect([(await run(input, init as RequestInit)).status, sent.length]).toEqual([503, 1])
  })
})

describe("waits", () => {
  test("follow Retry-After", async () => {
    const { run, sent } = scripted([reply(503, { "retry-after": "7" }), reply(429, { "retry-after": "2" }), reply(200)])
    await run(url)
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 7000, 9000])
  })

  test("are at most 30 s in all: beyond that the reply comes back at once", async () => {
    const { run, sent, clock } = scripted([reply(503, { "retry-after": "29" }), reply(503, { "retry-after": "2" })])
    expect((await run(url)).status).toBe(503)
    expect([sent.length, clock.now()]).toEqual([2, 29_000])
  })
})

describe("an abort", () => {
  const abortAt = (clock: VirtualClock, atMs: number, reason: unknown): AbortSignal => {
    const controller = new AbortController()
    clock.after(atMs, () => controller.abort(reason))
    return controller.signal
  }

  test.each([
    ["during an attempt", [silence]],
    ["during a wait", [reply(503, { "retry-after": "20" })]],
  ])("%s rejects at that instant with the exact reason, and there is no further attempt", async (_, answers) => {
    const { run, sent, clock } = scripted(answers)
    const reason = { any: "thing" }
    expect(await errorOf(run(url, { signal: abortAt(clock, 50, reason) }))).toBe(reason)
    expect([clock.now(), sent.length, clock.pending]).toEqual([50, 1, 0])
  })

  test("by the signal of a Request counts as well", async () => {
    const { run, clock } = scripted([silence])
    const reason = new Error("enough")
    expect(await errorOf(run(new Request(url, { signal: abortAt(clock, 50, reason) })))).toBe(reason)
  })

  test("that came before is left to the platform, which cancels a stream at once", async () => {
    const steady = createFetch()
    const reasons: unknown[] = []
    const body = new ReadableStream({ cancel: (reason) => void reasons.push(reason) })
    const reason = new Error("enough")
    const init: DropInInit & { duplex: "half" } = {
      method: "POST",
      body,
      duplex: "half",
      signal: AbortSignal.abort(reason),
    }
    const call = steady("http://127.0.0.1:9/", init)
    expect(await errorOf(call)).toBe(reason)
    expect(reasons).toEqual([reason])
  })
})

describe("options", () => {
  test("of one call stand under one key of init", async () => {
    const { run, sent } = scripted([reply(503), reply(503), reply(503)])
    await run(url, { steadfetch: { retry: false } } as DropInInit)
    expect(sent.length).toBe(1)
    await run(url, { steadfetch: { retry: { attempts: 2 } } } as DropInInit)
    expect(sent.length).toBe(3)
  })

  test("take policies that add time limits; their end is a TimeoutError", async () => {
    const { run, sent, clock } = scripted([silence, silence], {
      retry: undefined,
      policies: [deadline({ afterMs: 1500 }), ...dropIn({ retry: { baseMs: 0 } }), timeout({ attemptMs: 1000 })],
    })
    const error = await errorOf(run(url))
    expect(error).toMatchObject({ name: "TimeoutError", message: expect.stringContaining("1500 ms") })
    expect([sent.length, clock.now(), clock.pending]).toEqual([2, 1500, 0])
  })

  test.each<[unknown, FetchOptions, string]>([
    [{ retries: 1 }, {}, "retries"],
    [{ deadline: 5 }, {}, "deadline"],
    [{ retries: 1 }, { retry: undefined, policies: [deadline()] }, "retries"],
  ])("of one call that nobody reads are refused: %j", async (own, options, named) => {
    const { run, sent } = scripted([reply(200)], options)
    await expect(run(url, { steadfetch: own } as DropInInit)).rejects.toThrow(`"${named}"`)
    expect(sent).toEqual([])
  })

  test("of one call are those of the policies that were given", async () => {
    const { run, clock } = scripted([silence], { retry: undefined, policies: [deadline()] })
    expect(await errorOf(run(url, { steadfetch: { deadline: 70 } } as DropInInit))).toBeInstanceOf(DOMException)
    expect(clock.now()).toBe(70)
  })

  test("that are unknown are refused", () => {
    expect(() => createFetch({ timeout: 5 } as FetchOptions)).toThrow("timeout")
    expect(() => createFetch({ policies: dropIn(), retry: { attempts: 2 } })).toThrow("retry")
  })
})

describe("the function", () => {
  test("has fetch's name and length, and does not care about this", async () => {
    const { fetch: steady, clock } = scripted([reply(200)])
    expect([steady.name, steady.length]).toEqual(["fetch", 1])
    expect((await clock.runUntil(steady.call({ any: "this" }, url))).status).toBe(200)
  })

  /** Runs a program of its own, for it changes what is global there. */
  const runAlone = async (program: string): Promise<string> => {
    const source = `import { createFetch } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)}
      const reply = (text) => async () => new Response(text)
      const textOf = async (response) => (await response).text()
      ${program}`
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", source])
    return stdout.trim()
  }

  test("can stand in for globalThis.fetch, and calls the one it replaced", async () => {
    const program = `globalThis.fetch = reply("platform")
      globalThis.fetch = createFetch()
      console.log(await textOf(fetch("http://a.test/")), await textOf(globalThis.fetch("http://a.test/")))`
    expect(await runAlone(program)).toBe("platform platform")
  })

  test("sees a mock that takes the place of globalThis.fetch later", async () => {
    const program = `const steady = createFetch()
      globalThis.fetch = reply("mock")
      console.log(await textOf(steady("http://a.test/")))`
    expect(await runAlone(program)).toBe("mock")
  })

  test("does not call a mock that later takes its own place and calls it in turn", async () => {
    const program = `globalThis.fetch = reply("platform")
      globalThis.fetch = createFetch()
      await undefined
      const steady = globalThis.fetch
      globalThis.fetch = (...call) => steady(...call)
      console.log(await textOf(fetch("http://a.test/")))`
    expect(await runAlone(program)).toBe("platform")
  })
})

describe("on the wire", () => {
  const quick: FetchOptions = { retry: { baseMs: 0 } }

  test("a redirect that the caller forbids is no outage", async () => {
    await using server = await startFaultServer({ "/": redirect(302, "/there"), "/there": status(200) })
    await expect(createFetch(quick)(server.origin, { redirect: "error" })).rejects.toBeInstanceOf(TypeError)
    expect(server.requests.length).toBe(1)
  })

  test("a redirect loop is no outage", async () => {
    await using server = await startFaultServer({ "/": redirect(302, "/") })
    await expect(createFetch(quick)(server.origin)).rejects.toBeInstanceOf(TypeError)
    expect(server.requests.length).toBe(21)
  })

  test("a redirect that the caller wants to see is handed over", async () => {
    await using server = await startFaultServer({ "/": redirect(302, "/there") })
    const response = await createFetch(quick)(server.origin, { redirect: "manual" })
    expect([response.status, response.headers.get("location")]).toEqual([302, "/there"])
  })

  test("a followed redirect shows in the Response", async () => {
    await using server = await startFaultServer({ "/": redirect(302, "/there"), "/there": [status(503), json(200, 1)] })
    const response = await createFetch(quick)(server.origin)
    expect([response.url, response.redirected, response.type]).toEqual([`${server.origin}/there`, true, "basic"])
    expect([await response.clone().json(), await response.json()]).toEqual([1, 1])
  })

  test("a broken connection is repeated under one key, byte for byte", async () => {
    await using server = await startFaultServer({ "/": [reset("before-headers"), status(503), status(201)] })
    const response = await createFetch(quick)(server.origin, { method: "POST", body: new Uint8Array([1, 2, 3]) })
    expect(response.status).toBe(201)
    const keys = server.requests.map(({ headers }) => headers.find(([name]) => name === "idempotency-key")?.[1])
    expect([new Set(keys).size, typeof keys[0]]).toEqual([1, "string"])
    expect(new Set(server.requests.map(({ body }) => body.sha256)).size).toBe(1)
  })

  test("a refused connection rejects as fetch rejects", async () => {
    await using port = await refusedPort()
    const error = await errorOf(createFetch({ retry: { attempts: 2, baseMs: 0 } })(port.origin))
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ cause: { code: "ECONNREFUSED" } })
  })

  test("a stream of events is not cut off, and its reader's abort reaches the server", async () => {
    await using server = await startFaultServer({ "/": trickle({ bytes: 1000 }, { chunkBytes: 10, gapMs: 1 }) })
    const controller = new AbortController()
    const response = await createFetch(quick)(server.origin, { signal: controller.signal })
    const reader = response.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    const reason = new Error("enough")
    controller.abort(reason)
    await expect(reader?.read()).rejects.toBe(reason)
    await server.finished(1)
    expect(server.requests[0]?.end).toBe("abandoned")
  })
})
