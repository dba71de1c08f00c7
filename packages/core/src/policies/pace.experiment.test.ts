import { testExchange, testRuntime } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { pace, pipeline, WholeBody, type Handler, type PaceOptions } from "../index.ts"

/** Says whether it takes a request, and with which fields it answers. */
interface Server {
  takes(now: number): boolean
  fields?(now: number): Record<string, string>
}

/** Allows so many per second, and so many at once after a quiet time; tells nothing. */
function tokenBucketServer(perSecond: (now: number) => number, burst: number): Server {
  let tokens = burst
  let filledAt = 0
  return {
    takes(now) {
      tokens = Math.min(burst, tokens + ((now - filledAt) * perSecond(now)) / 1000)
      filledAt = now
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}

/** Allows so many in each window, the first of which began some time ago. */
function windowServer(quota: number, windowMs: number, beganAgoMs: number, tells = false): Server {
  let window = 0
  let used = 0
  const turn = (now: number): number => {
    const index = Math.floor((now + beganAgoMs) / windowMs)
    if (index !== window) used = 0
    window = index
    return (index + 1) * windowMs - beganAgoMs
  }
  const fields = (now: number): Record<string, string> => {
    const resetS = Math.ceil((turn(now) - now) / 1000)
    return {
      "ratelimit-policy": `"default";q=${quota};w=${windowMs / 1000}`,
      ratelimit: `"default";r=${Math.max(0, quota - used)};t=${resetS}`,
    }
  }
  return {
    takes(now) {
      turn(now)
      if (used >= quota) return false
      used += 1
      return true
    },
    ...(tells ? { fields } : {}),
  }
}

interface Sending {
  readonly at: number
  readonly taken: boolean
}

/** Ten workers, each of which sends its next request when it has its reply: 50 ms on average after the last one. */
async function run(server: Server, untilMs: number, options: PaceOptions = {}, workers = 10): Promise<Sending[]> {
  const runtime = testRuntime()
  const { clock, random } = runtime
  const sendings: Sending[] = []
  const send: Handler = async () => {
    const wayMs = 12.5 + random() * 25
    await new Promise<void>((resolve) => clock.after(wayMs, resolve))
    const now = clock.now()
    const taken = server.takes(now)
    sendings.push({ at: now - wayMs, taken })
    const headers = new Headers(server.fields?.(now) ?? {})
    await new Promise<void>((resolve) => clock.after(wayMs, resolve))
    const body = new WholeBody(new Uint8Array())
    return { kind: "reply", status: taken ? 200 : 429, url: undefined, headers, body }
  }
  const handler = pipeline([pace(options)], { send, isPrompt: true, close: async () => {} }, runtime)
  const work = async (): Promise<void> => {
    while (clock.now() < untilMs) await handler(testExchange("https://api.test/"))
  }
  await clock.runUntil(Promise.all(Array.from({ length: workers }, work)))
  return sendings
}

function seen(sendings: readonly Sending[], fromS: number, toS: number): { rate: number; throttled: number } {
  const some = sendings.filter(({ at }) => at >= fromS * 1000 && at < toS * 1000)
  return {
    rate: some.length / (toS - fromS),
    throttled: some.filter(({ taken }) => !taken).length / some.length,
  }
}

/** The bar: within a tenth of what the server allows, and no more than one in fifty refused. */
function expectOnTarget(sendings: readonly Sending[], limit: number, fromS: number, toS: number): void {
  const { rate, throttled } = seen(sendings, fromS, toS)
  expect(rate).toBeGreaterThan(0.9 * limit)
  expect(rate).toBeLessThan(1.1 * limit)
  expect(throttled).toBeLessThanOrEqual(0.02)
}

const constant = (perSecond: number) => (): number => perSecond

describe("a server that meters by a token bucket and tells nothing", () => {
  test.each([
    { limit: 5, burst: 5 },
    { limit: 20, burst: 5 },
    { limit: 20, burst: 20 },
    { limit: 20, burst: 100 },
    { limit: 100, burst: 100 },
  ])("gets its $limit per second ($burst at once) after 15 s", async ({ limit, burst }) => {
    const sendings = await run(tokenBucketServer(constant(limit), burst), 60_000)
    expectOnTarget(sendings, limit, 15, 60)
  })

  test("gets twice as much within a minute of allowing it", async () => {
    const sendings = await run(
      tokenBucketServer((now) => (now < 30_000 ? 20 : 40), 20),
      110_000,
    )
    expectOnTarget(sendings, 20, 15, 30)
    expect(seen(sendings, 85, 90).rate).toBeGreaterThan(36)
    expectOnTarget(sendings, 40, 90, 110)
  })

  test("gets half as much within five seconds of allowing no more", async () => {
    const sendings = await run(
      tokenBucketServer((now) => (now < 30_000 ? 20 : 10), 20),
      75_000,
    )
    expect(seen(sendings, 33, 35).rate).toBeLessThan(12)
    expectOnTarget(sendings, 10, 35, 75)
  })

  test("is not held back before it has refused anything", async () => {
    const sendings = await run(tokenBucketServer(constant(1000), 1000), 5000)
    expect(seen(sendings, 0, 5).rate).toBeGreaterThan(180)
  })
})

describe("a server that meters by windows", () => {
  test.each([0, 7000])("gets what it allows without telling, its first window %i ms old", async (beganAgoMs) => {
    const sendings = await run(windowServer(100, 10_000, beganAgoMs), 120_000)
    expectOnTarget(sendings, 10, 20, 120)
  })

  test.each([0, 7000])("refuses nothing when it tells, its first window %i ms old", async (beganAgoMs) => {
    const sendings = await run(windowServer(100, 10_000, beganAgoMs, true), 75_000)
    expect(seen(sendings, 0, 75).throttled).toBe(0)
    expectOnTarget(sendings, 10, 15, 75)
  })

  test("is neither overrun nor left idle by a hundred who wait for its next window", async () => {
    const sendings = await run(windowServer(100, 10_000, 0, true), 60_000, {}, 100)
    expect(seen(sendings, 10, 60).throttled).toBeLessThanOrEqual(0.02)
    expect(seen(sendings, 10, 60).rate).toBeGreaterThan(9)
  })
})
