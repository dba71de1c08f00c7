import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import * as steady from "./index.ts"
import { STATUS_NAMES } from "./status.ts"

const {
  BodyError,
  CallError,
  ClientError,
  ConfigurationError,
  NoReplyError,
  NotFoundError,
  reviveError,
  ServerError,
  ServiceUnavailableError,
  StatusError,
  SteadfetchError,
  TimeoutError,
} = steady

/** What a call to a server that always answers so is rejected with. */
async function rejection(
  status: number,
  body: unknown = { detail: "No such user", code: "unknown-user" },
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { api, server, run } = rehearse({ retry: { attempts: 2, baseMs: 0 } })
  server.otherwise.replies(status, { body: { json: body }, headers: { "x-request-id": "req-1", ...headers } })
  return run(api.get("/users/7").then(undefined, (error: unknown) => error))
}

async function noReply(limit?: "attempt" | "deadline"): Promise<unknown> {
  const { api, server, run } = rehearse({ retry: false, timeout: { attemptMs: 100 }, deadline: 5000 })
  if (limit === undefined) server.otherwise.fails("refused")
  else server.otherwise.hangs()
  const call = api.get("/users/7", limit === "deadline" ? { deadline: 50, timeout: false } : {})
  return run(call.then(undefined, (error: unknown) => error))
}

/** `Not Found` → `NotFoundError`; statuses whose errors have no class of their own have none here. */
const REGISTERED = Object.entries(STATUS_NAMES)
  .map(([status, name]) => [Number(status), `${name.replaceAll(/[ -]|Error$/g, "")}Error`] as const)
  .filter(([status, name]) => status >= 400 && !name.startsWith("("))

describe("what the server said stands in the message after the status", () => {
  const line = (said: string): unknown =>
    expect.stringContaining(`GET https://api.test/users/7 → 502 Bad Gateway${said} (gave up after 2 attempts: `)

  test.each(["502 Bad Gateway", "Bad Gateway", "502 bad gateway"])(
    "once, when it only repeats it: %s",
    async (said) => {
      expect(await rejection(502, { title: said })).toMatchObject({ message: line(""), serverMessage: said })
    },
  )

  test.each(["503 Bad Gateway", "Bad Gateway Configuration", "Gateway"])("whole, when it differs: %s", async (said) => {
    expect(await rejection(502, { title: said })).toMatchObject({ message: line(`: ${said}`), serverMessage: said })
  })
})

describe("the error for", () => {
  test.each(REGISTERED)("%i is a %s, exported under that name", async (status, name) => {
    const error = await rejection(status)
    const exported: unknown = Object.entries(steady).find(([key]) => key === name)?.[1]
    expect(exported).toBeTypeOf("function")
    expect(error).toBeInstanceOf(exported)
    expect(error).toMatchObject({ name, status, statusName: STATUS_NAMES[status] })
    expect((exported as typeof ClientError).is(error)).toBe(true)
    expect((exported as typeof ClientError).name).toBe(name)
    expect((status < 500 ? ClientError : ServerError).is(error)).toBe(true)
    expect((status < 500 ? ServerError : ClientError).is(error)).toBe(false)
  })

  test.each([
    [418, "ClientError"],
    [419, "ClientError"],
    [499, "ClientError"],
    [522, "ServerError"],
    [599, "ServerError"],
  ])("%i, which has no name, is a plain %s", async (status, name) => {
    expect(await rejection(status)).toMatchObject({ name, status })
  })
})

describe("the hierarchy of errors", () => {
  const classes = { SteadfetchError, CallError, StatusError, ClientError, NotFoundError, ServerError, ServiceUnavailableError, NoReplyError, TimeoutError, BodyError, ConfigurationError } // prettier-ignore

  /** The names of all classes whose `is` holds. */
  const kinds = (error: unknown): string[] =>
    Object.entries(classes)
      .filter(([, type]) => type.is(error))
      .map(([name]) => name)

  test.each<[string, () => unknown, string[]]>([
    ["404", () => rejection(404), ["SteadfetchError", "CallError", "StatusError", "ClientError", "NotFoundError"]],
    ["503", () => rejection(503), ["SteadfetchError", "CallError", "StatusError", "ServerError", "ServiceUnavailableError"]],
    ["no reply", () => noReply(), ["SteadfetchError", "CallError", "NoReplyError"]],
    ["a timeout", () => noReply("attempt"), ["SteadfetchError", "CallError", "NoReplyError", "TimeoutError"]],
    ["a refused option", () => new ConfigurationError("no"), ["SteadfetchError", "ConfigurationError"]],
    ["another error", () => new TypeError("no"), []],
    ["the data of an error", async () => JSON.parse(JSON.stringify(await rejection(404))), []],
    ["nothing", () => undefined, []],
    ["null", () => null, []],
    ["a text", () => "NotFoundError", []],
    ["an object that calls itself so", () => ({ name: "NotFoundError" }), []],
  ])("of %s", async (_, make, names) => {
    const error = await make()
    expect(kinds(error)).toEqual(names)
    const ofClasses = Object.entries(classes).filter(([, type]) => error instanceof type)
    expect(ofClasses.map(([name]) => name)).toEqual(names)
  }) // prettier-ignore

  test("every error has its name, also in its text and its stack", async () => {
    const error = await rejection(404)
    expect(String(error)).toMatch(/^NotFoundError: GET https:\/\/api\.test\/users\/7 → 404 Not Found: No such user/)
    expect((error as Error).stack).toMatch(/^NotFoundError: GET/)
  })
})

describe("an error tells", () => {
  test("what the server said, its code, its request id, its fields and its body", async () => {
    const body = { detail: "Too short", errors: [{ field: "name", code: "short" }], code: "invalid" }
    expect(await rejection(422, body, { "set-cookie": "sid=s3cret", "x-limit": "5" })).toMatchObject({
      method: "GET",
      url: "https://api.test/users/7",
      status: 422,
      statusName: "Unprocessable Content",
      serverMessage: "Too short (name short)",
      code: "invalid",
      requestId: "req-1",
      details: body.errors,
      body,
      headers: { "content-type": "application/json", "x-limit": "5", "x-request-id": "req-1" },
      attempts: [{ number: 1, method: "GET", url: "https://api.test/users/7", status: 422 }],
    })
  })

  test("what to do next, for a status that can be gone later", async () => {
    expect(await rejection(503, {}, { "retry-after": "30" })).toMatchObject({
      message:
        "GET https://api.test/users/7 → 503 Service Unavailable (gave up after 2 attempts: all attempts are used; try again after 2026-01-01T00:01:00.000Z) [request id req-1]",
    })
  })

  test("when to come back, as a Date", async () => {
    const error = await rejection(503, {}, { "retry-after": "30" })
    const { retryAt, attempts } = error as InstanceType<typeof CallError>
    const ended = (attempts.at(-1)?.startedAt ?? 0) + (attempts.at(-1)?.durationMs ?? 0)
    expect(retryAt?.getTime()).toBe(ended + 30_000)
  })

  test("why there was no reply", async () => {
    expect(await noReply()).toMatchObject({ name: "NoReplyError", code: "refused" })
    expect(await noReply("attempt")).toMatchObject({ name: "TimeoutError", code: "timeout", limit: "attempt" })
    expect(await noReply("deadline")).toMatchObject({ name: "TimeoutError", code: "timeout", limit: "deadline" })
  })
})

const MADE: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["404", () => rejection(404)],
  ["422 with details", () => rejection(422, { detail: "Bad", errors: { name: ["short"] } })],
  ["an unregistered 499", () => rejection(499)],
  ["503 with a time", () => rejection(503, {}, { "retry-after": "30" })],
  ["no reply", () => noReply()],
  ["an attempt's timeout", () => noReply("attempt")],
  ["the deadline", () => noReply("deadline")],
]

describe("an error as plain data", () => {
  const fields = (error: unknown): Record<string, unknown> => (error as InstanceType<typeof CallError>).toJSON()

  test.each(MADE)("of %s survives structuredClone", async (_, make) => {
    const data = fields(await make())
    expect(structuredClone(data)).toEqual(data)
  })

  test.each(MADE)("of %s comes back from JSON with its class and all its fields", async (_, make) => {
    const error = await make()
    const revived = reviveError(JSON.parse(JSON.stringify(error)))
    expect(Object.getPrototypeOf(revived)).toBe(Object.getPrototypeOf(error))
    expect(revived).toBeInstanceOf(Error)
    expect(fields(revived)).toEqual(fields(error))
    expect(JSON.stringify(revived)).toBe(JSON.stringify(error))
    expect(revived?.message).toBe((error as Error).message)
    expect(revived?.name).toBe((error as Error).name)
    expect(revived?.retryAt).toEqual((error as InstanceType<typeof CallError>).retryAt)
  })

  test.each(MADE)("of %s comes back from structuredClone", async (_, make) => {
    const error = await make()
    expect(fields(reviveError(structuredClone(fields(error))))).toEqual(fields(error))
  })

  test("names the error and tells every attempt", async () => {
    expect(fields(await rejection(503))).toMatchObject({
      name: "ServiceUnavailableError",
      attempts: [
        { number: 1, status: 503, why: "backoff", url: "https://api.test/users/7" },
        { number: 2, status: 503 },
      ],
    })
  })

  test.each([
    [undefined],
    [null],
    ["NotFoundError"],
    [{}],
    [{ name: "NotFoundError" }],
    [{ name: "TypeError", message: "no" }],
    [{ name: "toString", message: "no" }],
    [new TypeError("no")],
    [[]],
  ])("%o is no error of this package", (data) => {
    expect(reviveError(data)).toBeUndefined()
  })

  test("that tries to bend prototypes does not", () => {
    const data: unknown = JSON.parse(
      '{"name":"NoReplyError","message":"x","__proto__":{"polluted":true},"constructor":1}',
    )
    const revived = reviveError(data)
    expect(NoReplyError.is(revived)).toBe(true)
    expect(revived).not.toHaveProperty("polluted")
    expect({}).not.toHaveProperty("polluted")
  })
})
