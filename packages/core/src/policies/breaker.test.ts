import { getEventListeners } from "node:events"
import { rehearse, scriptedTransport, testExchange, testRuntime, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  breaker,
  failure,
  pace,
  pipeline,
  retry,
  type BreakerOptions,
  type CallOutcome,
  type ClientOptions,
  type EventMap,
  type Failure,
  type Handler,
  type NoReplyError,
  type Outcome,
  type Policy,
  type RequestOptions,
} from "../index.ts"

const origin = "https://api.test"
/** Small numbers: opens when two of four failed. */
const small: BreakerOptions = { minAttempts: 4, openMs: 1000, maxOpenMs: 8000 }

type Changed = EventMap["changed"]

/** A client with a breaker whose openings last their whole time. */
function stage(options: BreakerOptions = small, more: Omit<ClientOptions, "transport" | "runtime"> = {}) {
  const policy = breaker(options)
  const changes: Changed[] = []
  const on = { changed: (event: Changed) => changes.push(event), ...more.on }
  const rehearsal = rehearse({ retry: false, add: [policy], ...more, on })
  const get = (options?: RequestOptions): Promise<CallOutcome> => rehearsal.api.get("/", options).outcome()
  return { ...rehearsal, policy, changes, get, state: () => policy.state(origin) }
}

type Stage = ReturnType<typeof stage>

async function calls({ get, run, server }: Stage, count: number, status: number): Promise<void> {
  for (let call = 0; call < count; call++) {
    server.replies(status)
    await run(get())
  }
}

/** Lets time pass until a probe may go. */
async function waitUntilDue({ clock, changes }: Stage): Promise<void> {
  await clock.advance(changes.at(-1)?.numbers["openMs"] ?? Number.NaN)
}

async function opened(options: BreakerOptions = small, more: Parameters<typeof stage>[1] = {}): Promise<Stage> {
  const staged = stage(options, more)
  await calls(staged, 4, 500)
  expect(staged.state()).toBe("open")
  return staged
}

function rejected(outcome: CallOutcome): NoReplyError {
  if (outcome.kind !== "no-reply" || outcome.error.code !== "rejected") throw new Error(`ended as ${outcome.kind}`)
  return outcome.error
}

describe("while all is well", () => {
  test("a breaker is closed, and nothing is told of it", async () => {
    const staged = stage()
    await calls(staged, 50, 200)
    expect([staged.state(), staged.changes, staged.clock.pending]).toEqual(["closed", [], 0])
  })

  test("single failures do not open it, not even the first of all", async () => {
    const staged = stage({})
    for (let round = 0; round < 20; round++) {
      await calls(staged, 1, 503)
      await calls(staged, 2, 200)
    }
    expect(staged.state()).toBe("closed")
  })
})

describe("a breaker opens", () => {
  test("when half of the latest attempts failed, and says so", async () => {
    const staged = stage()
    await calls(staged, 2, 200)
    await calls(staged, 2, 503)
    const openMs = staged.changes[0]?.numbers["openMs"] ?? 0
    const numbers = { attempts: 4, failures: 2, slow: 0, openMs }
    const why = "2 of 4 attempts failed"
    expect(staged.changes).toEqual([{ policy: "breaker", key: origin, state: "open", why, numbers }])
    expect([staged.state(), openMs >= 500, openMs <= 1000]).toEqual(["open", true, true])
  })

  test("by default at twenty attempts within ten seconds", async () => {
    const staged = stage({})
    await calls(staged, 19, 500)
    expect(staged.state()).toBe("closed")
    await calls(staged, 1, 500)
    expect(staged.state()).toBe("open")
  })

  test("but not at twenty within more than that", async () => {
    const staged = stage({})
    for (let call = 0; call < 40; call++) {
      await calls(staged, 1, 500)
      await staged.clock.advance(600)
    }
    expect(staged.state()).toBe("closed")
  })

  test("for attempts in mid-call, too, which ends the call with its last reply", async () => {
    const staged = stage({ ...small, minAttempts: 3 }, { retry: { baseMs: 10 } })
    const { server, run, get } = staged
    server.otherwise.replies(503, { body: "down for repairs" })
    const outcome = await run(get())
    expect([outcome.kind, server.requests.length, staged.state()]).toEqual(["server-error", 3, "open"])
    expect(outcome.kind === "server-error" && outcome.error.serverMessage).toBe("down for repairs")
  })

  test.each([
    ["a timeout", (server: Rehearsal["server"]) => server.hangs()],
    ["a refused connection", (server: Rehearsal["server"]) => server.fails("refused")],
    ["a broken connection", (server: Rehearsal["server"]) => server.fails("reset")],
    [
      "a body that breaks off",
      (server: Rehearsal["server"]) => server.replies(200, { body: "x", breaksAfterBytes: 0 }),
    ],
    ["an unknown 5xx", (server: Rehearsal["server"]) => server.replies(599)],
  ])("for %s", async (_, answer) => {
    const staged = stage(small, { timeout: { attemptMs: 100 } })
    for (let call = 0; call < 4; call++) {
      answer(staged.server)
      await staged.run(staged.get())
    }
    expect(staged.state()).toBe("open")
  })

  test.each([400, 401, 403, 404, 409, 429, 304])("not for %i: that server is well", async (status) => {
    const staged = stage()
    await calls(staged, 20, status)
    expect(staged.state()).toBe("closed")
  })

  test("not for failures that are the request's own", async () => {
    const staged = stage(small)
    for (let call = 0; call < 20; call++) {
      staged.server.fails("too-large")
      await staged.run(staged.get())
    }
    expect(staged.state()).toBe("closed")
  })

  test("for what the user calls a failure, and for nothing else", async () => {
    const staged = stage({ ...small, isFailure: (outcome) => outcome.kind === "reply" && outcome.status === 429 })
    await calls(staged, 20, 500)
    expect(staged.state()).toBe("closed")
    await calls(staged, 20, 429)
    expect(staged.state()).toBe("open")
  })

  test("when half of the attempts were slow, where slowness counts", async () => {
    const staged = stage({ ...small, slowMs: 100 })
    for (const delayMs of [10, 100, 101, 5000]) {
      staged.server.replies(200, { delayMs })
      await staged.run(staged.get())
    }
    expect([staged.state(), staged.changes[0]?.why]).toEqual(["open", "2 of 4 attempts were slow"])
  })

  test("not for what a gate inside held back", async () => {
    const slow = breaker({ ...small, slowMs: 100 })
    const { api, server, run, clock } = rehearse({ retry: false, add: [slow, pace({ perSecond: 1, burst: 1 })] })
    server.otherwise.replies(200, { delayMs: 50 })
    for (let calls = 0; calls < 6; calls++) await run(api.get("/"))
    expect(clock.now()).toBeGreaterThan(4000)
    expect(slow.state(origin)).toBe("closed")
  })

  test("not for what is older than its window, however little came in between", async () => {
    const staged = stage({ ...small, windowMs: 10_000 })
    await calls(staged, 3, 500)
    await staged.clock.advance(600_000)
    await calls(staged, 3, 500)
    expect(staged.state()).toBe("closed")
  })

  test("for its origin alone", async () => {
    const staged = await opened()
    staged.server.replies(200)
    const elsewhere = await staged.run(staged.api.get("https://other.test/").outcome())
    expect([elsewhere.kind, staged.policy.state("https://other.test")]).toEqual(["success", "closed"])
  })

  test("for the key that it was told to keep apart", async () => {
    const policy = breaker({ ...small, key: ({ method }) => method })
    const { api, server, run } = rehearse({ retry: false, add: [policy] })
    server.otherwise.replies(500)
    for (let call = 0; call < 4; call++) await run(api.get("/").outcome())
    expect([policy.state("GET"), policy.state("PUT"), policy.state(origin)]).toEqual(["open", "closed", "closed"])
  })
})

describe("an open breaker", () => {
  test("rejects at once, saying why and when to come back", async () => {
    const { get, run, clock, server } = await opened()
    const outcome = await run(get())
    const retryAt = outcome.kind === "no-reply" ? Number(outcome.retryAt) : 0
    const { message } = rejected(outcome)
    expect(message).toContain(`breaker() is open for ${origin}: 4 of 4 attempts failed; the next probe may go at `)
    expect(message).toContain(new Date(retryAt).toISOString())
    expect(retryAt - clock.date()).toBeGreaterThanOrEqual(500)
    expect([server.requests.length, clock.now()]).toEqual([4, 0])
  })

  test("tells of each rejection", async () => {
    const heard: unknown[] = []
    const staged = await opened(small, { on: { rejected: ({ call, ...rest }) => heard.push([call.method, rest]) } })
    await staged.run(staged.get())
    expect(heard).toEqual([["GET", { policy: "breaker", key: origin, why: "4 of 4 attempts failed" }]])
  })

  test("shows no credential that its key holds", async () => {
    const heard: string[] = []
    const note = ({ key }: { readonly key: string }): unknown => heard.push(key)
    const key: BreakerOptions["key"] = ({ headers }) => headers.find(([name]) => name === "x-api-key")?.[1] ?? ""
    const options = { headers: { "x-api-key": "s3cret-key" }, on: { rejected: note, changed: note } }
    const { api, server, run } = rehearse({ ...options, retry: false, add: [breaker({ ...small, key })] })
    server.otherwise.replies(500)
    for (let call = 0; call < 4; call++) await run(api.get("/").outcome())
    const { message } = rejected(await run(api.get("/").outcome()))
    expect([heard, message.includes("s3cret"), message.includes("REDACTED")]).toEqual([
      ["REDACTED", "REDACTED"], false, true,
    ]) // prettier-ignore
  })

  test("keeps no timer", async () => {
    const { clock, run, get } = await opened()
    await run(get())
    expect(clock.pending).toBe(0)
  })

  test("is not opened any longer by what it rejects", async () => {
    const staged = await opened()
    for (let call = 0; call < 100; call++) rejected(await staged.run(staged.get()))
    await waitUntilDue(staged)
    await calls(staged, 1, 200)
    expect([staged.state(), staged.changes.length]).toEqual(["closed", 3])
  })
})

describe("after its time is over", () => {
  test("one probe goes, and its success closes the breaker with an empty window", async () => {
    const staged = await opened()
    await waitUntilDue(staged)
    expect(staged.state()).toBe("open")
    await calls(staged, 1, 200)
    const why = staged.changes.map(({ state, why }) => `${state}: ${why}`)
    expect(why).toEqual([
      "open: 4 of 4 attempts failed",
      "half-open: the open time is over",
      "closed: the probe succeeded",
    ])
    await calls(staged, 3, 500)
    expect(staged.state()).toBe("closed")
  })

  test("a 4xx is a success of the probe's: the server is well", async () => {
    const staged = await opened()
    await waitUntilDue(staged)
    await calls(staged, 1, 404)
    expect(staged.state()).toBe("closed")
  })

  test("all others are rejected while the probe is under way", async () => {
    const staged = await opened()
    const { run, get, server } = staged
    await waitUntilDue(staged)
    server.replies(200, { delayMs: 100 })
    const [probe, ...others] = [get(), ...Array.from({ length: 20 }, () => get())]
    for (const other of others)
      expect(rejected(await run(other)).message).toContain(
        `breaker() is half-open for ${origin}: its probes are under way`,
      )
    expect([(await run(probe)).kind, server.requests.length, staged.state()]).toEqual(["success", 5, "closed"])
  })

  test("a probe that fails opens it again, for longer each time", async () => {
    const staged = await opened()
    for (let round = 0; round < 5; round++) {
      await waitUntilDue(staged)
      await calls(staged, 1, 503)
    }
    const openMs = staged.changes.filter(({ state }) => state === "open").map(({ numbers }) => numbers["openMs"] ?? 0)
    const most = [1000, 2000, 4000, 8000, 8000, 8000]
    expect(openMs.map((ms, index) => ms >= (most[index] ?? 0) / 2 && ms <= (most[index] ?? 0))).toEqual(
      most.map(() => true),
    )
    expect(staged.changes.at(-1)?.why).toBe("a probe failed")
  })

  test("as many probes as asked for must succeed", async () => {
    const staged = await opened({ ...small, probes: 3 })
    const { run, get, server } = staged
    await waitUntilDue(staged)
    for (const delayMs of [10, 20, 30]) server.replies(200, { delayMs })
    const probes = [get(), get(), get()] as const
    rejected(await run(get()))
    await run(probes[1])
    expect(staged.state()).toBe("half-open")
    await run(probes[2])
    expect(staged.state()).toBe("closed")
  })

  test("a probe that its caller aborts frees its place and counts for nothing", async () => {
    const staged = await opened()
    const { run, get, server } = staged
    await waitUntilDue(staged)
    const controller = new AbortController()
    server.hangs()
    const probe = get({ signal: controller.signal })
    await staged.clock.advance(10)
    controller.abort("enough")
    await expect(run(probe)).rejects.toBe("enough")
    expect(staged.state()).toBe("half-open")
    await calls(staged, 1, 200)
    expect(staged.state()).toBe("closed")
  })

  test("a probe that a policy further in rejects frees its place and counts for nothing", async () => {
    let isFull = false
    const limit: Policy = {
      name: "limit",
      scope: "gate",
      wrap: (next) => (exchange) => (isFull ? Promise.resolve(failure("rejected", "full")) : next(exchange)),
    }
    const policy = breaker(small)
    const staged = { ...stage(small, { add: [policy, limit] }), state: () => policy.state(origin) }
    await calls(staged, 4, 500)
    await waitUntilDue(staged)
    isFull = true
    for (let call = 0; call < 5; call++) expect(rejected(await staged.run(staged.get())).message).toContain("full")
    expect(staged.state()).toBe("half-open")
    isFull = false
    await calls(staged, 1, 200)
    expect(staged.state()).toBe("closed")
  })

  test("a probe that ends by a defect frees its place", async () => {
    const staged = await opened()
    await waitUntilDue(staged)
    staged.server.throws(new TypeError("defect"))
    await expect(staged.run(staged.get())).rejects.toThrow("defect")
    await calls(staged, 1, 200)
    expect(staged.state()).toBe("closed")
  })

  test("a judgement that throws lets go of the reply and of the probe's place", async () => {
    let throws = false
    const isFailure = (): boolean => {
      if (throws) throw new Error("defect")
      return true
    }
    const staged = await opened({ ...small, isFailure })
    await waitUntilDue(staged)
    throws = true
    staged.server.replies(200, { body: "open", stallsAfterBytes: 1 })
    await expect(staged.run(staged.api.get("/").stream())).rejects.toThrow("defect")
    expect([staged.server.openBodies, staged.clock.pending, staged.state()]).toEqual([0, 0, "half-open"])
  })

  test("a streamed probe has succeeded at its headers", async () => {
    const staged = await opened()
    await waitUntilDue(staged)
    staged.server.replies(200, { body: "endless", stallsAfterBytes: 2 })
    const stream = await staged.run(staged.api.get("/").stream())
    expect(staged.state()).toBe("closed")
    await stream.cancel()
  })

  test("late results of attempts that began before it opened decide nothing", async () => {
    const staged = stage()
    const { run, get, server, clock } = staged
    for (const status of [200, 200, 500]) server.replies(status, { delayMs: 3000 })
    const late = [get(), get(), get()]
    await calls(staged, 4, 500)
    await waitUntilDue(staged)
    server.replies(200, { delayMs: 5000 })
    const probe = get()
    await Promise.all(late.map((call) => run(call)))
    expect([staged.state(), clock.now()]).toEqual(["half-open", 3000])
    await run(probe)
    expect(staged.state()).toBe("closed")
  })

  test("a probe of which nothing is ever heard again does not keep it half-open", async () => {
    const staged = await opened(small, { timeout: false, deadline: false })
    await waitUntilDue(staged)
    staged.server.hangs()
    void staged.get()
    await staged.clock.advance(7999)
    rejected(await staged.run(staged.get()))
    await staged.clock.advance(1)
    await calls(staged, 1, 200)
    expect(staged.state()).toBe("closed")
  })
})

describe('with whenOpen: "wait"', () => {
  const waits: BreakerOptions = { ...small, whenOpen: "wait" }

  test("an attempt waits until it can be the probe", async () => {
    const held: unknown[] = []
    const staged = await opened(waits, { on: { held: ({ policy, key, waitMs }) => held.push([policy, key, waitMs]) } })
    const openMs = staged.changes[0]?.numbers["openMs"]
    staged.server.replies(200)
    expect((await staged.run(staged.get())).kind).toBe("success")
    expect([staged.clock.now(), staged.clock.pending, staged.state()]).toEqual([openMs, 0, "closed"])
    expect(held).toEqual([["breaker", origin, openMs]])
  })

  test("others wait for what the probe finds, and go when it succeeds", async () => {
    const staged = await opened(waits)
    const { run, get, server, clock } = staged
    server.otherwise.replies(200, { delayMs: 300 })
    const outcomes = await run(Promise.all(Array.from({ length: 10 }, () => get())))
    const startedAt = server.requests.slice(4).map(({ startedAtMs }) => startedAtMs)
    const openMs = staged.changes[0]?.numbers["openMs"] ?? 0
    expect(outcomes.every(({ kind }) => kind === "success")).toBe(true)
    expect(startedAt).toEqual([openMs, ...Array.from({ length: 9 }, () => openMs + 300)])
    expect(clock.pending).toBe(0)
  })

  test("they wait on when it fails, each as long as its deadline allows", async () => {
    const held: string[] = []
    const staged = await opened(waits, { on: { held: ({ policy }) => held.push(policy) } })
    const { run, get, server, clock } = staged
    server.replies(503)
    server.otherwise.replies(200)
    const [first, short, long] = [get(), get({ deadline: 1100 }), get()] as const
    expect((await run(first)).kind).toBe("server-error")
    expect(rejected(await run(short)).message).toContain("a probe failed")
    const reopenedAt = clock.now()
    expect((await run(long)).kind).toBe("success")
    expect(clock.now() - reopenedAt).toBe(staged.changes[2]?.numbers["openMs"])
    // Each is told of once, however often it finds that it must wait on.
    expect(held).toEqual(["breaker", "breaker", "breaker"])
  })

  test("what cannot go before its deadline is rejected at once", async () => {
    const staged = await opened(waits)
    // At its very deadline it could not go either.
    const outcome = await staged.run(staged.get({ deadline: staged.changes[0]?.numbers["openMs"] }))
    expect([rejected(outcome).retryAt === undefined, staged.clock.now(), staged.clock.pending]).toEqual([false, 0, 0])
  })

  test("the deadline ends a wait for a probe's result", async () => {
    const staged = await opened(waits)
    const { run, get, server, clock } = staged
    server.replies(200, { delayMs: 10_000 })
    const probe = get()
    await waitUntilDue(staged)
    const waiting = await run(get({ deadline: 2000 }))
    expect(waiting.kind === "no-reply" && waiting.error).toMatchObject({ code: "timeout", limit: "deadline" })
    expect((await run(probe)).kind).toBe("success")
    expect(clock.pending).toBe(0)
  })

  test("an abort ends the wait at that instant, with its reason", async () => {
    const staged = await opened(waits)
    const controller = new AbortController()
    const reason = { exactly: "this" }
    staged.clock.after(123, () => controller.abort(reason))
    await expect(staged.run(staged.get({ signal: controller.signal }))).rejects.toBe(reason)
    const listeners = getEventListeners(controller.signal, "abort").length
    expect([staged.clock.now(), staged.clock.pending, listeners]).toEqual([123, 0, 0])
  })

  test("the place of an aborted probe goes to the one that waits first", async () => {
    const staged = await opened(waits)
    const { run, get, server, clock } = staged
    const controller = new AbortController()
    server.hangs().replies(200)
    const probe = get({ signal: controller.signal })
    await waitUntilDue(staged)
    const next = get()
    await clock.advance(50)
    controller.abort("enough")
    await expect(run(probe)).rejects.toBe("enough")
    const since = clock.now()
    expect([(await run(next)).kind, clock.now() - since]).toEqual(["success", 0])
  })

  test("an abort by a listener that is told of the wait ends it at once", async () => {
    const controller = new AbortController()
    const staged = await opened(waits, { on: { held: () => controller.abort("enough") } })
    const ended = staged.get({ signal: controller.signal }).catch((reason: unknown) => reason)
    expect(await staged.run(ended)).toBe("enough")
    const listeners = getEventListeners(controller.signal, "abort").length
    expect([staged.clock.now(), staged.clock.pending, listeners]).toEqual([0, 0, 0])
  })

  test("a listener that is told of the probe can abort it, and the next one is the probe", async () => {
    const controller = new AbortController()
    let isHalfOpen = false
    const changed = ({ state }: Changed): void => {
      if (state !== "half-open" || isHalfOpen) return
      isHalfOpen = true
      controller.abort("enough")
    }
    const staged = stage(waits, { on: { changed } })
    await calls(staged, 4, 500)
    staged.server.otherwise.replies(200)
    const first = staged.get({ signal: controller.signal }).catch((reason: unknown) => reason)
    const second = staged.get()
    expect(await staged.run(first)).toBe("enough")
    expect((await staged.run(second)).kind).toBe("success")
    expect([staged.state(), staged.server.requests.length, staged.clock.pending]).toEqual(["closed", 5, 0])
  })

  test("a thousand may wait unless told otherwise; what comes beyond is rejected at once", async () => {
    for (const [queue, size] of [[undefined, 1000], [{ size: 2 }, 2], [{ size: 0 }, 0]] as const) {
      const { api, server, clock, run } = await opened({ ...waits, queue })
      const waiting = Array.from({ length: size }, () => api.get("/", { deadline: false }).outcome())
      const { message, retryAt } = rejected(await run(api.get("/").outcome()))
      expect(message).toContain(`breaker() is open for ${origin}: ${size} attempts wait already; the next probe may go at`)
      expect([Number(retryAt) > clock.date(), clock.now()]).toEqual([true, 0])
      server.otherwise.replies(200)
      const outcomes = await run(Promise.all(waiting))
      expect(outcomes.every(({ kind }) => kind === "success")).toBe(true)
    }
  }) // prettier-ignore

  test("those who wait share one timer, and each place of a probe goes to the one that came first", async () => {
    const policy = breaker({ ...waits, probes: 2 })
    const runtime = testRuntime()
    const { clock } = runtime
    const sent: string[] = []
    const answers: ((outcome: Outcome) => void)[] = []
    const next: Handler = ({ request }) => {
      sent.push(request.url.slice(origin.length))
      return new Promise((resolve) => answers.push(resolve))
    }
    const handler = policy.wrap(next, runtime)
    const begin = (path: string): unknown => void handler(testExchange(origin + path))
    const answer = async (outcome: Outcome): Promise<void> => {
      answers.shift()?.(outcome)
      await clock.settle()
    }
    for (const path of ["/", "/", "/", "/"]) begin(path)
    for (let failed = 0; failed < 4; failed++) await answer(failure("reset", "broken"))
    sent.length = 0
    for (const path of ["/a", "/b", "/c", "/d", "/e"]) begin(path)
    expect([sent, clock.pending]).toEqual([[], 1])
    await clock.advance(1000)
    expect(sent).toEqual(["/a", "/b"])
    for (const code of ["aborted", "aborted", "rejected"] as const) await answer(failure(code, "enough"))
    expect(sent).toEqual(["/a", "/b", "/c", "/d", "/e"])
    expect(policy.state(origin)).toBe("half-open")
  })

  test("timers that are early leave nobody behind", async () => {
    const runtime = testRuntime()
    const { clock } = runtime
    const after = (delayMs: number, run: () => void): (() => void) => clock.after(delayMs > 1 ? delayMs - 0.5 : delayMs, run)
    const early = { now: () => clock.now(), date: () => clock.date(), after }
    const server = scriptedTransport(clock)
    for (let failed = 0; failed < 4; failed++) server.replies(500)
    server.otherwise.replies(200)
    const handler = pipeline([breaker(waits)], server, { ...runtime, clock: early })
    for (let failed = 0; failed < 4; failed++) await clock.runUntil(handler(testExchange(`${origin}/`)))
    const outcomes = await clock.runUntil(Promise.all([1, 2, 3].map(() => handler(testExchange(`${origin}/`)))))
    expect(outcomes.map(({ kind }) => kind)).toEqual(["reply", "reply", "reply"])
  }) // prettier-ignore
})

test("an open breaker is not forgotten when a thousand other origins are asked meanwhile", async () => {
  const staged = await opened()
  staged.server.otherwise.replies(200)
  for (let index = 0; index < 1001; index++) await staged.run(staged.api.get(`https://${index}.test/`).outcome())
  expect(staged.state()).toBe("open")
  // Nobody has come to be its probe for longer than any opening lasts.
  await staged.clock.advance(9000)
  for (let index = 0; index < 1001; index++) await staged.run(staged.api.get(`https://${index}.test/`).outcome())
  expect(staged.state()).toBe("closed")
})

test("clients that are given the same breaker share it, and others do not", async () => {
  const staged = await opened()
  const shared = rehearse({ retry: false, add: [staged.policy] })
  const other = rehearse({ retry: false, add: [breaker(small)] })
  other.server.replies(200)
  rejected(await shared.run(shared.api.get("/").outcome()))
  expect((await other.run(other.api.get("/").outcome())).kind).toBe("success")
})

test("in a list of one's own it stands inside retry", async () => {
  const runtime = testRuntime()
  const server = scriptedTransport(runtime.clock)
  server.otherwise.replies(503)
  const handler = pipeline([retry({ baseMs: 10 }), breaker(small)], server, runtime)
  const exchange = testExchange(`${origin}/`)
  const outcome = await runtime.clock.runUntil(handler(exchange))
  expect([outcome.kind, server.requests.length, exchange.record.ending]).toEqual(["reply", 4, "rejected"])
  const next = (await runtime.clock.runUntil(handler(testExchange(`${origin}/`)))) as Failure
  expect([next.code, next.temporary, next.processed]).toEqual(["rejected", true, false])
})

test.each<[unknown, string]>([
  [{ failureRatio: 0 }, "breaker.failureRatio: 0; give a number from 0.01 to 1"],
  [{ failureRatio: 50 }, "breaker.failureRatio: 50; give a number from 0.01 to 1"],
  [{ minAttempts: 0 }, "breaker.minAttempts: 0; give a number from 1 to Infinity"],
  [{ windowMs: "10s" }, 'breaker.windowMs: "10s"; give a number from 1 to 86400000'],
  [{ windowMs: Number.POSITIVE_INFINITY }, "breaker.windowMs: Infinity; give a number from 1 to 86400000"],
  [{ openMs: -1 }, "breaker.openMs: -1; give a number from 1 to 86400000"],
  [{ openMs: Number.NaN }, "breaker.openMs: NaN; give a number from 1 to 86400000"],
  [{ maxOpenMs: 4999 }, "breaker.maxOpenMs: 4999; give a number from 5000 to 86400000"],
  [{ probes: 0 }, "breaker.probes: 0; give a number from 1 to 1000"],
  [{ probes: 1.5 }, "breaker.probes: 1.5; give a whole number"],
  [{ queue: { size: 1 } }, 'breaker.queue is set, but nothing waits; give whenOpen: "wait" as well'],
  [{ whenOpen: "wait", queue: { size: 0.5 } }, "breaker.queue.size: 0.5; give a whole number"],
  [{ whenOpen: "wait", queue: { size: -1 } }, "breaker.queue.size: -1; give a number from 0 to 1000000"],
  [{ whenOpen: "wait", queue: { maxWaitMs: 1 } }, 'breaker.queue: no option "maxWaitMs"; there is size'],
  [{ slowMs: null }, "breaker.slowMs: null; give a number from 1 to 86400000"],
  [{ slowMs: 100, slowRatio: 2 }, "breaker.slowRatio: 2; give a number from 0.01 to 1"],
  [{ slowRatio: 0.5 }, "breaker.slowRatio is set, but not what is slow; give slowMs as well"],
  [{ whenOpen: "queue" }, 'breaker.whenOpen: "queue"; give "reject" or "wait"'],
  [{ isFailure: true }, "breaker.isFailure: true; give a function"],
  [{ key: "origin" }, 'breaker.key: "origin"; give a function'],
  [{ threshold: 5 }, 'breaker: no option "threshold"; there is failureRatio, minAttempts,'],
  [5, "breaker: 5; give { failureRatio,"],
  [null, "breaker: null; give { failureRatio,"],
])("breaker(%j) is refused", (options, message) => {
  const refused = expect.objectContaining({ name: "ConfigurationError", message: expect.stringContaining(message) })
  expect(() => breaker(options as never)).toThrow(refused)
})

test("an opening longer than a minute needs no other option", () => {
  expect(() => breaker({ openMs: 120_000 })).not.toThrow()
})
