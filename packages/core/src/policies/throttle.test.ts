import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  failure,
  throttle,
  type CallOutcome,
  type ClientOptions,
  type EventMap,
  type Policy,
  type ThrottleOptions,
} from "../index.ts"

const origin = "https://api.test"

function stage(options: ThrottleOptions = {}, more: Omit<ClientOptions, "transport" | "runtime"> = {}) {
  const rehearsal = rehearse({ retry: false, add: [throttle(options)], ...more })
  return { ...rehearsal, get: (): Promise<CallOutcome> => rehearsal.api.get("/").outcome() }
}

type Stage = ReturnType<typeof stage>

/** Calls one after the other, so many milliseconds apart. @returns How many of them were rejected. */
async function calls({ get, run, clock }: Stage, count: number, everyMs = 0): Promise<number> {
  let rejected = 0
  for (let call = 0; call < count; call++) {
    const outcome = await run(get())
    if (outcome.kind === "no-reply" && outcome.error.code === "rejected") rejected++
    await clock.advance(everyMs)
  }
  return rejected
}

test("what is known of an origin that turns attempts away is not forgotten when a thousand others are asked", async () => {
  const staged = stage()
  staged.server.otherwise.replies(503)
  await calls(staged, 100)
  for (let index = 0; index < 1001; index++) await staged.run(staged.api.get(`https://${index}.test/`).outcome())
  expect(await calls(staged, 20)).toBeGreaterThan(5)
})

describe("nothing is rejected", () => {
  test("while the server accepts all", async () => {
    const staged = stage()
    staged.server.otherwise.replies(200)
    expect(await calls(staged, 500, 10)).toBe(0)
  })

  test("while the server accepts half", async () => {
    const staged = stage()
    for (let call = 0; call < 200; call++) staged.server.replies(call % 2 === 0 ? 200 : 503)
    expect(await calls(staged, 200, 10)).toBe(0)
  })

  test("while there are fewer attempts than the least volume, even if all of them fail", async () => {
    const staged = stage()
    staged.server.otherwise.replies(503)
    expect(await calls(staged, 20)).toBe(0)
    expect(await calls(staged, 20)).toBeGreaterThan(0)
  })

  test("while slow attempts are under way: they are not refused ones", async () => {
    const staged = stage()
    staged.server.otherwise.replies(200, { delayMs: 10_000 })
    const outcomes = await staged.run(Promise.all(Array.from({ length: 200 }, () => staged.get())))
    expect(outcomes.every(({ kind }) => kind === "success")).toBe(true)
  })

  test.each([400, 401, 404, 409, 500, 501])("for replies of %i: the server took these requests on", async (status) => {
    const staged = stage()
    staged.server.otherwise.replies(status)
    expect(await calls(staged, 100)).toBe(0)
  })

  test("for what callers aborted", async () => {
    const staged = stage()
    staged.server.otherwise.hangs()
    for (let call = 0; call < 100; call++) {
      const controller = new AbortController()
      const aborted = staged.api.get("/", { signal: controller.signal }).outcome()
      await staged.clock.settle()
      controller.abort("enough")
      await expect(aborted).rejects.toBe("enough")
    }
    expect(staged.server.requests.length).toBe(100)
    // Nor do they count as accepted.
    staged.server.otherwise.replies(503)
    expect(await calls(staged, 60)).toBeGreaterThan(20)
  })

  test("for what another policy rejects", async () => {
    let isFull = true
    const limit: Policy = {
      name: "limit",
      scope: "gate",
      wrap: (next) => (exchange) => (isFull ? Promise.resolve(failure("rejected", "full")) : next(exchange)),
    }
    const staged = stage({}, { add: [throttle(), limit] })
    staged.server.otherwise.replies(200)
    await calls(staged, 100)
    isFull = false
    expect(await calls(staged, 100)).toBe(0)
  })
})

describe("a share is rejected", () => {
  test.each([
    ["429", (server: Rehearsal["server"]) => server.otherwise.replies(429)],
    ["502", (server: Rehearsal["server"]) => server.otherwise.replies(502)],
    ["503", (server: Rehearsal["server"]) => server.otherwise.replies(503)],
    ["504", (server: Rehearsal["server"]) => server.otherwise.replies(504)],
    ["timeouts", (server: Rehearsal["server"]) => server.otherwise.hangs()],
    ["no connection", (server: Rehearsal["server"]) => server.otherwise.fails("refused")],
  ])("when there is nothing but %s", async (_, answer) => {
    const staged = stage({}, { timeout: { attemptMs: 10 } })
    answer(staged.server)
    await calls(staged, 40)
    const rejected = await calls(staged, 500)
    expect(rejected).toBeGreaterThan(425)
    expect(rejected).toBeLessThan(475)
  })

  test("so large that a server that takes a tenth of the demand gets about twice that", async () => {
    const staged = stage()
    const { server, clock } = staged
    server.otherwise.replies(503)
    let sent = 0
    for (let second = 0; second < 120; second++) {
      // Of what comes within a second the first two are taken, and twenty are asked for.
      const before = server.requests.length
      server.replies(200).replies(200)
      await calls(staged, 20, 50)
      const now = server.requests.length - before
      for (let unused = now; unused < 2; unused++) await staged.run(staged.api.get("https://other.test/").outcome())
      if (clock.now() > 60_000) sent += now
    }
    expect(sent / 60).toBeGreaterThan(3)
    expect(sent / 60).toBeLessThan(5)
  })

  test("by the key that it was told to keep apart", async () => {
    const staged = stage({ key: ({ url }) => new URL(url).pathname })
    staged.server.otherwise.replies(503)
    await calls(staged, 100)
    const before = staged.server.requests.length
    for (let call = 0; call < 20; call++) await staged.run(staged.api.get("/other").outcome())
    expect(staged.server.requests.length - before).toBe(20)
  })

  test("by what the user calls accepted", async () => {
    const staged = stage({ isAccepted: (outcome) => outcome.kind === "reply" && outcome.status < 500 })
    staged.server.otherwise.replies(500)
    expect(await calls(staged, 100)).toBeGreaterThan(50)
  })

  test("and none at all when the chance is bounded by 0", async () => {
    const staged = stage({ maxRejection: 0 })
    staged.server.otherwise.replies(503)
    expect(await calls(staged, 100)).toBe(0)
  })
})

describe("a rejection", () => {
  test("says how likely it was, and why", async () => {
    const heard: EventMap["rejected"][] = []
    const staged = stage({ maxRejection: 0.99 }, { on: { rejected: (event) => heard.push(event) } })
    staged.server.otherwise.replies(503)
    const outcomes: CallOutcome[] = []
    while (heard.length === 0) outcomes.push(await staged.run(staged.get()))
    const last = outcomes.at(-1)
    const sent = staged.server.requests.length
    const why = `0 of the last ${sent} attempts were accepted`
    const percent = Math.round((sent / (sent + 1)) * 100)
    expect(last?.kind === "no-reply" && last.error).toMatchObject({
      code: "rejected",
      attempts: [],
      message: expect.stringContaining(`throttle() rejects ${percent} % of the attempts for ${origin}: ${why}`),
    })
    expect(heard).toMatchObject([{ call: { method: "GET" }, policy: "throttle", key: origin, why }])
  })

  test("ends a call that retries with its last reply", async () => {
    const staged = stage({ minAttempts: 1, maxRejection: 0.99 }, { retry: { baseMs: 1, attempts: 100, budget: false } })
    staged.server.otherwise.replies(503, { body: "too much" })
    const outcome = await staged.run(staged.get())
    expect(outcome.kind === "server-error" && outcome.error.serverMessage).toBe("too much")
    expect(staged.server.requests.length).toBeLessThan(20)
  })

  test("shows no credential that its key holds", async () => {
    const key: ThrottleOptions["key"] = ({ headers }) => headers.find(([name]) => name === "x-api-key")?.[1] ?? ""
    const heard: string[] = []
    const on = { rejected: ({ key, why }: EventMap["rejected"]) => heard.push(key + why) }
    const staged = stage({ key }, { headers: { "x-api-key": "s3cret-key" }, on })
    staged.server.otherwise.replies(503)
    expect(await calls(staged, 100)).toBe(heard.length)
    expect(heard.filter((text) => !text.startsWith("REDACTED") || text.includes("s3cret"))).toEqual([])
  })
})

test("three windows after the server is well again nothing is rejected, whatever luck it had", async () => {
  const staged = stage()
  staged.server.otherwise.replies(503)
  await calls(staged, 600, 100)
  staged.server.otherwise.replies(200)
  await calls(staged, 900, 100)
  expect(await calls(staged, 600, 100)).toBe(0)
})

test("after an idle window all is forgotten, without a timer", async () => {
  const staged = stage()
  staged.server.otherwise.replies(503)
  await calls(staged, 100)
  expect(staged.clock.pending).toBe(0)
  await staged.clock.advance(30_000)
  expect(await calls(staged, 20)).toBe(0)
})

test("a judgement that throws lets go of the reply", async () => {
  const isAccepted = (): boolean => {
    throw new Error("defect")
  }
  const { api, server, run, clock } = stage({ isAccepted })
  server.replies(200, { body: "open", stallsAfterBytes: 1 })
  await expect(run(api.get("/").stream())).rejects.toThrow("defect")
  expect([server.openBodies, clock.pending]).toEqual([0, 0])
})

test("each client learns by itself", async () => {
  const policy = throttle()
  const [one, other] = [stage({}, { add: [policy] }), stage({}, { add: [policy] })]
  one.server.otherwise.replies(503)
  other.server.otherwise.replies(503)
  expect(await calls(one, 100)).toBeGreaterThan(0)
  expect(await calls(other, 20)).toBe(0)
})

test.each<[unknown, string]>([
  [{ perAccept: 0.5 }, "throttle.perAccept: 0.5; give a number from 1 to 1000"],
  [{ perAccept: "2" }, 'throttle.perAccept: "2"; give a number from 1 to 1000'],
  [{ windowMs: 0 }, "throttle.windowMs: 0; give a number from 1 to 86400000"],
  [{ windowMs: Number.POSITIVE_INFINITY }, "throttle.windowMs: Infinity; give a number from 1 to 86400000"],
  [{ maxRejection: 1 }, "throttle.maxRejection: 1; give a number from 0 to 0.99"],
  [{ maxRejection: Number.NaN }, "throttle.maxRejection: NaN; give a number from 0 to 0.99"],
  [{ minAttempts: -1 }, "throttle.minAttempts: -1; give a number from 0 to Infinity"],
  [{ isAccepted: [200] }, "throttle.isAccepted: an object (Array); give a function"],
  [{ key: null }, "throttle.key: null; give a function"],
  [{ k: 2 }, 'throttle: no option "k"; there is perAccept, windowMs, maxRejection, minAttempts, isAccepted, key'],
  [2, "throttle: 2; give { perAccept,"],
  [null, "throttle: null; give { perAccept,"],
])("throttle(%j) is refused", (options, message) => {
  const refused = expect.objectContaining({ name: "ConfigurationError", message: expect.stringContaining(message) })
  expect(() => throttle(options as never)).toThrow(refused)
})

test("what `isAccepted` throws about a failure is the caller's to see", async () => {
  const defect = new Error("a defect")
  const isAccepted = (): boolean => {
    throw defect
  }
  const staged = stage({ isAccepted })
  staged.server.fails("reset")
  await expect(staged.run(staged.get())).rejects.toBe(defect)
})
