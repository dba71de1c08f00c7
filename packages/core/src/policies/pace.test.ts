import { rehearse, testExchange, testRuntime, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  ConfigurationError,
  pace,
  pipeline,
  WholeBody,
  type EventMap,
  type Pace,
  type PaceOptions,
  type Reply,
} from "../index.ts"

const KEY = "https://api.test"

/** A client that paces and does nothing else that takes time. */
function paced(options: PaceOptions = {}, more: Parameters<typeof rehearse>[0] = {}): Rehearsal & { policy: Pace } {
  const policy = pace(options)
  return { ...rehearse({ retry: false, ...more, add: [policy] }), policy }
}

const startsMs = ({ server }: Rehearsal): number[] => server.requests.map(({ startedAtMs }) => Math.round(startedAtMs))
const calls = ({ api }: Rehearsal, count: number, path = "/"): PromiseLike<unknown>[] =>
  Array.from({ length: count }, () => api.get(path).outcome())
const after = (seconds: number): { headers: Record<string, string> } => ({
  headers: { "retry-after": String(seconds) },
})

describe("a rate of one's own", () => {
  test("so many at once after a quiet time, then evenly", async () => {
    const rehearsal = paced({ perSecond: 20, burst: 3 })
    rehearsal.server.otherwise.replies(200)
    await rehearsal.run(Promise.all(calls(rehearsal, 7)))
    expect(startsMs(rehearsal)).toEqual([0, 0, 0, 50, 100, 150, 200])
    await rehearsal.clock.advance(10_000)
    await rehearsal.run(Promise.all(calls(rehearsal, 4)))
    expect(startsMs(rehearsal).slice(7)).toEqual([10_200, 10_200, 10_200, 10_250])
    expect(rehearsal.clock.pending).toBe(0)
  })

  test("each origin has its own, and one policy is one rate for all its clients", async () => {
    const policy = pace({ perSecond: 1 })
    const runtime = testRuntime()
    const sent: string[] = []
    const send = async (url: string): Promise<Reply> => {
      sent.push(`${url} ${runtime.clock.now()}`)
      return { kind: "reply", status: 200, url: undefined, headers: new Headers(), body: new WholeBody(new Uint8Array()) }
    } // prettier-ignore
    const handlers = [1, 2].map(() =>
      pipeline([policy], { send: ({ request }) => send(request.url), close: async () => {} }, runtime),
    )
    const urls = ["https://a.test/1", "https://b.test/1"]
    const work = handlers.flatMap((handler) => urls.map((url) => handler(testExchange(url))))
    await runtime.clock.runUntil(Promise.all(work))
    expect(sent).toEqual(["https://a.test/1 0", "https://b.test/1 0", "https://a.test/1 1000", "https://b.test/1 1000"])
  })

  test("a key of one's own keeps apart what the API keeps apart", async () => {
    const rehearsal = paced({ perSecond: 1, key: ({ url }) => new URL(url).pathname })
    rehearsal.server.otherwise.replies(200)
    await rehearsal.run(Promise.all([...calls(rehearsal, 2, "/a"), ...calls(rehearsal, 2, "/b")]))
    expect(startsMs(rehearsal)).toEqual([0, 0, 1000, 1000])
  })

  test("keeps to its rate when timers are late", async () => {
    const runtime = testRuntime()
    const { clock } = runtime
    const late = { ...clock, now: () => clock.now(), date: () => clock.date(), after: (delayMs: number, run: () => void) => clock.after(delayMs + 7, run) } // prettier-ignore
    const startsAt: number[] = []
    const send = async (): Promise<Reply> => {
      startsAt.push(clock.now())
      return { kind: "reply", status: 200, url: undefined, headers: new Headers(), body: new WholeBody(new Uint8Array()) }
    } // prettier-ignore
    const handler = pipeline([pace({ perSecond: 100 })], { send, close: async () => {} }, { ...runtime, clock: late })
    await clock.runUntil(Promise.all(Array.from({ length: 501 }, () => handler(testExchange(`${KEY}/`)))))
    expect(startsAt.at(-1)).toBeLessThan(5020)
    expect(startsAt.at(-1)).toBeGreaterThanOrEqual(5000)
  })
})

describe("timers that are early", () => {
  const early = (runtime: ReturnType<typeof testRuntime>): typeof runtime => {
    const { clock } = runtime
    const after = (delayMs: number, run: () => void): (() => void) => clock.after(delayMs > 1 ? delayMs - 0.5 : delayMs, run)
    return { ...runtime, clock: { ...clock, now: () => clock.now(), date: () => clock.date(), after } }
  } // prettier-ignore
  const body = new WholeBody(new Uint8Array())

  test("leave nobody behind, and let nobody go too soon", async () => {
    const runtime = testRuntime()
    const { clock } = runtime
    const startsAt: number[] = []
    const send = async (): Promise<Reply> => {
      startsAt.push(clock.now())
      return { kind: "reply", status: 200, url: undefined, headers: new Headers(), body }
    }
    const handler = pipeline([pace({ perSecond: 10 })], { send, close: async () => {} }, early(runtime))
    await clock.runUntil(Promise.all(Array.from({ length: 5 }, () => handler(testExchange(`${KEY}/`)))))
    expect(startsAt.map((at) => Math.round(at * 100) / 100)).toEqual([0, 100, 200, 300, 400])
    expect(clock.pending).toBe(0)
  })

  test("end no pause before its time", async () => {
    const runtime = testRuntime()
    const { clock } = runtime
    const startsAt: number[] = []
    const send = async (): Promise<Reply> => {
      startsAt.push(clock.now())
      const isFirst = startsAt.length === 1
      const headers = new Headers(isFirst ? { "retry-after": "30" } : {})
      return { kind: "reply", status: isFirst ? 429 : 200, url: undefined, headers, body }
    }
    const handler = pipeline([pace()], { send, close: async () => {} }, early(runtime))
    await clock.runUntil(handler(testExchange(`${KEY}/`)))
    await clock.runUntil(handler(testExchange(`${KEY}/`)))
    expect(startsAt[1]).toBeGreaterThanOrEqual(30_000)
    expect(startsAt[1]).toBeLessThanOrEqual(33_000)
  })
})

describe("Retry-After", () => {
  test.each([429, 503, 403])("of one %i pauses all the origin, and then they go one by one", async (status) => {
    const rehearsal = paced()
    rehearsal.server.replies(status, after(30)).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    await rehearsal.run(Promise.all(calls(rehearsal, 4)))
    const [, first = 0, second = 0, third = 0] = startsMs(rehearsal)
    expect(first).toBeGreaterThanOrEqual(30_000)
    expect(first).toBeLessThanOrEqual(33_000)
    expect(second).toBeGreaterThan(first)
    expect(third).toBeGreaterThan(second)
    expect(rehearsal.clock.pending).toBe(0)
  })

  test("holds back a call that had begun to wait, and the retry of the one that was refused", async () => {
    const rehearsal = paced({ perSecond: 10 }, { retry: { baseMs: 0 } })
    rehearsal.server.replies(503, after(5)).otherwise.replies(200)
    const outcomes = (await rehearsal.run(Promise.all(calls(rehearsal, 3)))) as { kind: string }[]
    expect(outcomes.map(({ kind }) => kind)).toEqual(["success", "success", "success"])
    expect(startsMs(rehearsal).filter((at) => at > 0 && at < 5000)).toEqual([])
  })

  test("of another origin, and of a 500 or a 413, pauses nobody else", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(429, after(30)).replies(413, after(30)).replies(500, after(30)).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("https://other.test/").outcome())
    for (let call = 0; call < 3; call++) await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(startsMs(rehearsal)).toEqual([0, 0, 0, 0])
  })

  test("beyond the deadline: rejected at once, with the instant from which on it makes sense", async () => {
    const told: EventMap["rejected"][] = []
    const rehearsal = paced({}, { deadline: 10_000, on: { rejected: (event) => told.push(event) } })
    rehearsal.server.replies(429, after(30)).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    const { clock } = rehearsal
    const outcome = await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(clock.now()).toBe(0)
    expect(outcome).toMatchObject({ kind: "no-reply", attempts: [] })
    const message = outcome.kind === "no-reply" ? outcome.error.message : ""
    expect(message).toContain(`pace() let nothing out to ${KEY}: the server asked for a pause, which lasts 3`)
    const retryAt = outcome.kind === "no-reply" ? Number(outcome.retryAt) : 0
    expect(retryAt - clock.date()).toBeGreaterThanOrEqual(30_000)
    expect(retryAt - clock.date()).toBeLessThanOrEqual(33_000)
    expect(told).toMatchObject([{ policy: "pace", key: KEY, why: expect.stringContaining("asked for a pause") }])
    await clock.advance(retryAt - clock.date())
    expect((await rehearsal.run(rehearsal.api.get("/").outcome())).kind).toBe("success")
  })

  test("rejects those who wait and cannot any longer, and only those", async () => {
    const rehearsal = paced({ perSecond: 1 })
    rehearsal.server.replies(429, { ...after(30), delayMs: 500 }).otherwise.replies(200)
    const { api, clock, run } = rehearsal
    const first = api.get("/").outcome()
    const short = api.get("/", { deadline: 20_000 }).outcome()
    const long = api.get("/", { deadline: 50_000 }).outcome()
    await run(Promise.all([first, short]))
    expect(clock.now()).toBe(500)
    expect((await run(long)).kind).toBe("success")
    expect(clock.now()).toBeGreaterThanOrEqual(30_500)
  })

  test("holds a key back for ten minutes at most, unless told otherwise", async () => {
    for (const [options, atMost] of [[{}, 620_000], [{ maxPauseMs: 5000 }, 6000], [{ maxPauseMs: false }, 86_410_000]] as const) {
      const rehearsal = paced(options, { deadline: false })
      rehearsal.server.replies(429, after(86_400)).otherwise.replies(200)
      await rehearsal.run(rehearsal.api.get("/").outcome())
      await rehearsal.run(rehearsal.api.get("/").outcome())
      expect(rehearsal.clock.now()).toBeLessThanOrEqual(atMost)
      expect(rehearsal.clock.now()).toBeGreaterThanOrEqual(atMost * 0.7)
    }
  }) // prettier-ignore

  test("a shorter one does not end a longer one early", async () => {
    const rehearsal = paced()
    rehearsal.server
      .replies(429, after(30))
      .replies(429, { ...after(1), delayMs: 10 })
      .otherwise.replies(200)
    await rehearsal.run(Promise.all(calls(rehearsal, 2)))
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.clock.now()).toBeGreaterThanOrEqual(30_000)
  })
})

describe("what the server tells of its quota", () => {
  const told = (remaining: number, seconds: number): { headers: Record<string, string> } => ({
    headers: { ratelimit: `"default";r=${remaining};t=${seconds}`, "ratelimit-policy": '"default";q=100;w=60' },
  })

  test("holds nothing back while much is left", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(200, told(90, 30)).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    await rehearsal.run(Promise.all(calls(rehearsal, 60)))
    expect(rehearsal.clock.now()).toBe(0)
  })

  test("is spread over the time that is left when it becomes little", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(200, told(10, 20)).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.policy.rate(KEY)).toBe(0.5)
    await rehearsal.run(Promise.all(calls(rehearsal, 5)))
    const starts = startsMs(rehearsal).slice(1)
    expect(starts.at(-1)).toBeGreaterThanOrEqual(7000)
    expect(new Set(starts).size).toBe(5)
  })

  test("when it is used up, the next goes in the next window, a little late", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(200, told(0, 20)).otherwise.replies(200, told(50, 60))
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.policy.rate(KEY)).toBe(0)
    await rehearsal.run(Promise.all(calls(rehearsal, 2)))
    expect(startsMs(rehearsal)[1]).toBeGreaterThanOrEqual(20_000)
    expect(startsMs(rehearsal)[1]).toBeLessThanOrEqual(21_000)
  })

  test("a long window starves nobody: at least one in a minute, and another look in ten", async () => {
    const rehearsal = paced({}, { deadline: false })
    rehearsal.server.replies(200, told(2, 86_400)).otherwise.replies(200)
    for (let call = 0; call < 4; call++) await rehearsal.run(rehearsal.api.get("/").outcome())
    const [, second = 0, third = 0, fourth = 0] = startsMs(rehearsal)
    expect(second).toBeLessThanOrEqual(60_000)
    expect(third).toBeLessThanOrEqual(120_000)
    expect(fourth - third).toBeGreaterThanOrEqual(600_000)
    expect(fourth - third).toBeLessThanOrEqual(601_000)
  })

  test("of a refusal is waited for, not searched for", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(429, told(0, 20)).otherwise.replies(200, told(90, 60))
    await rehearsal.run(rehearsal.api.get("/").outcome())
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.clock.now()).toBeGreaterThanOrEqual(20_000)
    expect(rehearsal.policy.rate(KEY)).toBe(Number.POSITIVE_INFINITY)
  })

  test("of several partitions that with most left counts", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(200, { headers: { ratelimit: '"default";r=0;t=60;pk=:YQ==:' } })
    rehearsal.server.replies(200, { headers: { ratelimit: '"default";r=50;t=60;pk=:Yg==:' } }).otherwise.replies(200)
    await rehearsal.run(Promise.all(calls(rehearsal, 2)))
    await rehearsal.run(Promise.all(calls(rehearsal, 10)))
    expect(rehearsal.clock.now()).toBe(0)
  })

  test("Retry-After goes before it", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(429, { headers: { "retry-after": "5", ratelimit: '"default";r=0;t=50' } })
    rehearsal.server.otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.clock.now()).toBeLessThan(6000)
  })

  test.each(['"default";r=0', '"default";r=-1;t=9', "r=0;t=9", "💥", '"a";r=0;t=1e9'])("%s holds nobody back", async (ratelimit) => {
    const rehearsal = paced()
    const headers = { ratelimit: encodeURI(ratelimit).replaceAll("%22", '"') }
    rehearsal.server.replies(200, { headers }).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.clock.now()).toBe(0)
  }) // prettier-ignore
})

describe("who waits", () => {
  test("is served in the order of coming", async () => {
    const rehearsal = paced({ perSecond: 10 })
    rehearsal.server.otherwise.replies(200)
    const paths = Array.from({ length: 8 }, (_, index) => `/${index}`)
    await rehearsal.run(Promise.all(paths.map((path) => rehearsal.api.get(path).outcome())))
    expect(rehearsal.server.requests.map(({ url }) => new URL(url).pathname)).toEqual(paths)
  })

  test("takes turns with others when shares are told apart", async () => {
    const share = ({ headers }: { headers: Iterable<readonly [string, string]> }): string =>
      new Map(headers).get("x-tenant") ?? ""
    const rehearsal = paced({ perSecond: 10, share })
    rehearsal.server.otherwise.replies(200)
    const call = (tenant: string) => rehearsal.api.get(`/${tenant}`, { headers: { "x-tenant": tenant } }).outcome()
    await rehearsal.run(Promise.all([...Array.from({ length: 6 }, () => call("loud")), call("calm"), call("calm")]))
    const order = rehearsal.server.requests.map(({ url }) => new URL(url).pathname.slice(1))
    expect(order).toEqual(["loud", "loud", "calm", "loud", "calm", "loud", "loud", "loud"])
  })

  test("leaves at once when aborted, and the next has that turn", async () => {
    const rehearsal = paced({ perSecond: 1 })
    rehearsal.server.otherwise.replies(200)
    const controller = new AbortController()
    const reason = new Error("changed my mind")
    const first = rehearsal.api.get("/1").outcome()
    const second = rehearsal.api.get("/2", { signal: controller.signal }).outcome()
    const third = rehearsal.api.get("/3").outcome()
    await rehearsal.clock.advance(400)
    controller.abort(reason)
    await expect(Promise.resolve(second)).rejects.toBe(reason)
    expect(rehearsal.clock.now()).toBe(400)
    await rehearsal.run(Promise.all([first, third]))
    expect(startsMs(rehearsal)).toEqual([0, 1000])
    expect(rehearsal.clock.pending).toBe(0)
  })

  test("finds a bounded queue: the next is rejected at once", async () => {
    const rehearsal = paced({ perSecond: 1, queue: { size: 2 } })
    rehearsal.server.otherwise.replies(200)
    const work = calls(rehearsal, 3)
    const outcome = await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(outcome).toMatchObject({ kind: "no-reply", retryAt: new Date(rehearsal.clock.date() + 3000) })
    expect(rehearsal.clock.now()).toBe(0)
    await rehearsal.run(Promise.all(work))
    expect(rehearsal.server.requests).toHaveLength(3)
  })

  test("and fills it does not keep others out of it", async () => {
    const rehearsal = paced({ perSecond: 1, queue: { size: 3 }, share: ({ url }) => url })
    rehearsal.server.otherwise.replies(200)
    const loud = calls(rehearsal, 4, "/loud")
    const calm = rehearsal.api.get("/calm").outcome()
    expect((await rehearsal.run(calm)).kind).toBe("success")
    const kinds = ((await rehearsal.run(Promise.all(loud))) as { kind: string }[]).map(({ kind }) => kind)
    expect(kinds).toEqual(["success", "success", "success", "no-reply"])
  })

  test("waits no longer than `maxWaitMs`, with no queue not at all", async () => {
    for (const [queue, sent] of [[{ maxWaitMs: 2500 }, 3], [{ size: 0 }, 1]] as const) {
      const rehearsal = paced({ perSecond: 1, queue })
      rehearsal.server.otherwise.replies(200)
      await rehearsal.run(Promise.all(calls(rehearsal, 6)))
      expect(rehearsal.server.requests).toHaveLength(sent)
    }
  }) // prettier-ignore

  test("has its turn although the call before it fails, throws or is never answered", async () => {
    const rehearsal = paced({ perSecond: 1 })
    rehearsal.server.fails("reset").throws(new Error("a defect")).hangs().otherwise.replies(200)
    const work = Promise.allSettled(calls(rehearsal, 4))
    await rehearsal.run(work)
    expect(startsMs(rehearsal)).toEqual([0, 1000, 2000, 3000])
  })
})

test("who aborts in the moment that it is told of waiting has ended then", async () => {
  const controller = new AbortController()
  const runtime = testRuntime({ on: { held: () => controller.abort("enough") } })
  const { clock } = runtime
  const body = new WholeBody(new Uint8Array())
  const send = async (): Promise<Reply> => ({
    kind: "reply",
    status: 200,
    url: undefined,
    headers: new Headers(),
    body,
  })
  const handler = pipeline([pace({ perSecond: 0.1 })], { send, close: async () => {} }, runtime)
  await clock.runUntil(handler(testExchange(`${KEY}/`)))
  const outcome = await clock.runUntil(handler(testExchange(`${KEY}/`, { signal: controller.signal })))
  expect(outcome).toMatchObject({ code: "aborted", cause: "enough" })
  expect([clock.now(), clock.pending]).toEqual([0, 0])
})

describe("refusals without a word", () => {
  test("slow the origin down, and tell so", async () => {
    const states: string[] = []
    const rehearsal = paced({}, { on: { changed: ({ state, key }) => states.push(`${state} ${key}`) } })
    for (let index = 0; index < 20; index++) rehearsal.server.replies(200)
    rehearsal.server.replies(429).otherwise.replies(200)
    await rehearsal.run(Promise.all(calls(rehearsal, 21)))
    expect(rehearsal.policy.rate(KEY)).toBeLessThan(250)
    await rehearsal.run(Promise.all(calls(rehearsal, 20)))
    expect(states).toEqual([`throttled ${KEY}`, `recovering ${KEY}`])
    expect(rehearsal.clock.now()).toBeGreaterThan(100)
  })

  test("few and far between leave a quiet client a rate that it can use", async () => {
    const rehearsal = paced()
    const { api, server, run, clock } = rehearsal
    server.replies(429)
    for (let index = 0; index < 6; index++) server.replies(200)
    server.replies(429).otherwise.replies(200)
    for (let index = 0; index < 8; index++) {
      await run(api.get("/").outcome())
      await clock.advance(3000)
    }
    await run(api.get("/").outcome())
    expect(rehearsal.policy.rate(KEY)).toBeGreaterThan(2)
    const before = clock.now()
    await run(Promise.all(calls(rehearsal, 50)))
    expect(clock.now() - before).toBeLessThan(20_000)
  })

  test("teach a client that sends two per second where one is allowed", async () => {
    const runtime = testRuntime()
    const { clock } = runtime
    let servedAt = Number.NEGATIVE_INFINITY
    const refusedAt: number[] = []
    const send = async (): Promise<Reply> => {
      const isServed = clock.now() - servedAt >= 1000
      if (isServed) servedAt = clock.now()
      else refusedAt.push(clock.now())
      const body = new WholeBody(new Uint8Array())
      return { kind: "reply", status: isServed ? 200 : 429, url: undefined, headers: new Headers(), body }
    }
    const handler = pipeline([pace()], { send, close: async () => {} }, runtime)
    for (let index = 0; index < 240; index++) {
      void handler(testExchange(`${KEY}/`, { deadlineAt: clock.now() + 2000 }))
      await clock.advance(500)
    }
    expect(refusedAt.filter((at) => at > 60_000).length).toBeLessThan(10)
  })

  test("are forgotten by an origin that has not refused for ten minutes", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(429).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.policy.rate(KEY)).toBeLessThan(100)
    await rehearsal.clock.advance(600_001)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.policy.rate(KEY)).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([500, 503, 404, 403])("a plain %i is none", async (status) => {
    const rehearsal = paced()
    rehearsal.server.otherwise.replies(status)
    await rehearsal.run(Promise.all(calls(rehearsal, 20)))
    expect(rehearsal.policy.rate(KEY)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe("what is known of an origin is not forgotten when a thousand others are asked meanwhile:", () => {
  async function askOthers({ api, run }: Rehearsal): Promise<void> {
    for (let index = 0; index < 1001; index++) await run(api.get(`https://${index}.test/`).outcome())
  }

  test("a pause", async () => {
    const rehearsal = paced()
    const { api, server, run, clock } = rehearsal
    server.replies(429, after(300)).otherwise.replies(200)
    await run(api.get("/").outcome())
    await askOthers(rehearsal)
    expect(rehearsal.policy.rate(KEY)).toBe(0)
    expect((await run(api.get("/").outcome())).kind).toBe("no-reply")
    expect(clock.now()).toBe(0)
  })

  test("a pause that a request under way was told of", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(429, { ...after(300), delayMs: 10 }).otherwise.replies(200)
    const first = rehearsal.api.get("/").outcome()
    await rehearsal.clock.settle()
    await askOthers(rehearsal)
    await rehearsal.run(first)
    expect(rehearsal.policy.rate(KEY)).toBe(0)
  })

  test("what was sent of one's own rate", async () => {
    const rehearsal = paced({ perSecond: 0.1, burst: 2 })
    const { api, server, run, clock } = rehearsal
    server.otherwise.replies(200)
    await run(api.get("/").outcome())
    await askOthers(rehearsal)
    for (const expectedMs of [0, 10_000]) {
      await run(api.get("/").outcome())
      expect(clock.now()).toBe(expectedMs)
    }
  })

  test("a quota that is nearly used up", async () => {
    const rehearsal = paced()
    const headers = { ratelimit: '"default";r=10;t=20', "ratelimit-policy": '"default";q=100;w=60' }
    rehearsal.server.replies(200, { headers }).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    await askOthers(rehearsal)
    expect(rehearsal.policy.rate(KEY)).toBe(0.5)
  })

  test("a rate that was learnt, for ten minutes", async () => {
    const rehearsal = paced()
    rehearsal.server.replies(429).otherwise.replies(200)
    await rehearsal.run(rehearsal.api.get("/").outcome())
    await askOthers(rehearsal)
    const rate = rehearsal.policy.rate(KEY)
    expect(rate).toBeLessThan(Number.POSITIVE_INFINITY)
    await rehearsal.clock.advance(600_001)
    expect(rehearsal.policy.rate(KEY)).toBe(rate)
    await askOthers(rehearsal)
    expect(rehearsal.policy.rate(KEY)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe("what is known of a rate", () => {
  test("is nothing before the first attempt", () => {
    expect(pace().rate(KEY)).toBe(Number.POSITIVE_INFINITY)
    expect(pace({ perSecond: 3 }).rate(KEY)).toBe(3)
  })

  test("is 0 during a pause only", async () => {
    const rehearsal = paced()
    await rehearsal.clock.advance(10)
    rehearsal.server.replies(429, after(30))
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(rehearsal.policy.rate(KEY)).toBe(0)
    await rehearsal.clock.advance(33_000)
    expect(rehearsal.policy.rate(KEY)).toBe(5)
  })

  test("is told with every change", async () => {
    const told: EventMap["changed"][] = []
    const rehearsal = paced({}, { on: { changed: (event) => told.push(event) } })
    rehearsal.server.replies(429, after(30))
    await rehearsal.run(rehearsal.api.get("/").outcome())
    expect(told).toMatchObject([{ state: "paused", why: "the server named a time", numbers: { perSecond: 0 } }])
    expect(told[0]?.numbers["pauseMs"]).toBeGreaterThanOrEqual(30_000)
  })
})

test("a wait of `maxWaitMs` is too long", async () => {
  for (const [maxWaitMs, sent] of [[1000, 1], [1001, 2]] as const) {
    const rehearsal = paced({ perSecond: 1, queue: { maxWaitMs } })
    rehearsal.server.otherwise.replies(200)
    await rehearsal.run(Promise.all(calls(rehearsal, 2)))
    expect(rehearsal.server.requests).toHaveLength(sent)
  }
}) // prettier-ignore

test("who has to make room hears of it at once", async () => {
  const rehearsal = paced({ perSecond: 1, queue: { size: 2 }, share: ({ url }) => url })
  rehearsal.server.otherwise.replies(200)
  const [, , last] = calls(rehearsal, 3, "/loud")
  const calm = rehearsal.api.get("/calm").outcome()
  expect(await rehearsal.run(Promise.resolve(last))).toMatchObject({ kind: "no-reply" })
  expect(rehearsal.clock.now()).toBe(0)
  expect((await rehearsal.run(calm)).kind).toBe("success")
})

test("tells how long an attempt is held", async () => {
  const held: EventMap["held"][] = []
  const rehearsal = paced({ perSecond: 2 }, { on: { held: (event) => held.push(event) } })
  rehearsal.server.otherwise.replies(200)
  await rehearsal.run(Promise.all(calls(rehearsal, 3)))
  expect(held).toMatchObject([
    { policy: "pace", key: KEY, waitMs: 500 },
    { policy: "pace", key: KEY, waitMs: 1000 },
  ])
})

test.each<[unknown, RegExp]>([
  [{ perSecond: 0 }, /pace\.perSecond: 0; give a number from 0\.001/],
  [{ perSecond: -1 }, /pace\.perSecond/],
  [{ perSecond: Number.NaN }, /pace\.perSecond/],
  [{ perSecond: Number.POSITIVE_INFINITY }, /pace\.perSecond/],
  [{ perSecond: "20" }, /pace\.perSecond/],
  [{ burst: 5 }, /pace\.burst.*perSecond as well/],
  [{ perSecond: 1, burst: 0 }, /pace\.burst/],
  [{ perSecond: 1, burst: 1.5 }, /pace\.burst.*whole number/],
  [{ maxPauseMs: 0 }, /pace\.maxPauseMs/],
  [{ maxPauseMs: true }, /pace\.maxPauseMs/],
  [{ queue: 5 }, /pace\.queue/],
  [{ queue: { size: -1 } }, /pace\.queue\.size/],
  [{ queue: { size: 0.5 } }, /pace\.queue\.size/],
  [{ queue: { maxWaitMs: 0 } }, /pace\.queue\.maxWaitMs/],
  [{ queue: { order: "lifo" } }, /pace\.queue: no option "order"/],
  [{ key: "origin" }, /pace\.key/],
  [{ share: "tenant" }, /pace\.share/],
  [{ rps: 5 }, /no option "rps"/],
  [20, /pace: 20/],
  [null, /pace/],
])("%j is refused", (options, message) => {
  expect(() => pace(options as PaceOptions)).toThrow(ConfigurationError)
  expect(() => pace(options as PaceOptions)).toThrow(message)
})
