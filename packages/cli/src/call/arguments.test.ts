import { failure, rfc9110, steadfetch, type Exchange, type Outcome } from "steadfetch"
import { expect, test } from "vitest"
import { parseCall } from "./arguments.ts"

const URL_GIVEN = "https://api.example.com/users"
const close = async (): Promise<void> => {}
const parse = (...args: string[]) => parseCall([URL_GIVEN, ...args], { TOKEN: "secret-token", EMPTY: "" })

test("without options the client's own defaults hold", () => {
  const { deadline, timeout, retry, idempotencyKey, auth, output } = parse()
  expect({ deadline, timeout, retry, idempotencyKey, auth, output }).toEqual({
    deadline: undefined,
    timeout: undefined,
    retry: undefined,
    idempotencyKey: undefined,
    auth: undefined,
    output: "text",
  })
})

test("limits are read in milliseconds, and none is no limit", () => {
  expect(parse("--deadline", "30s", "--timeout", "5s")).toMatchObject({
    deadline: 30_000,
    timeout: { attemptMs: 5000, stallMs: 5000 },
  })
  expect(parse("--deadline", "none", "--timeout", "none")).toMatchObject({ deadline: false, timeout: false })
})

test("a contract is chosen by name", () => {
  expect(parse("--contract", "rfc9110").contract).toBe(rfc9110)
})

test("the token comes from the environment", async () => {
  const { auth } = parse("--bearer-env", "TOKEN")
  const sent: string[] = []
  const send = async ({ request }: Exchange): Promise<Outcome> => {
    sent.push(...request.headers.map(([name, value]) => `${name}: ${value}`))
    return failure("refused", "scripted")
  }
  const client = steadfetch({ baseUrl: "https://api.example.com", auth, retry: false, transport: { send, close } })
  await client.get(URL_GIVEN).outcome()
  expect(sent).toEqual(["authorization: Bearer secret-token"])
})

test.each([
  [["--bearer-env", "MISSING"], "the environment variable MISSING is not set; export it first"],
  [["--bearer-env", "EMPTY"], "the environment variable EMPTY is empty; export it first"],
  [
    ["--bearer-env", "TOKEN", "-H", "authorization: x"],
    "--bearer-env and --header Authorization both give credentials",
  ],
  [["--timeout", "10s", "--deadline", "5s"], "--timeout (10 s for one attempt) is above --deadline (5 s for all)"],
  [["--contract", "lax"], '--contract is "lax"; use documented, strict or rfc9110'],
  [["--output", "xml"], '--output is "xml"; use text, json or body'],
  [["--idempotency-key", "k", "--no-idempotency-key"], "contradict each other; give one"],
  [["--json", "1", "--data", "2"], "a request has one body; give only one of --json and --data"],
])("%j is refused", (args, message) => {
  expect(() => parse(...args)).toThrow(message)
})

test("a GET with a body is refused before anything is read", () => {
  expect(() => parseCall(["GET", URL_GIVEN, "--data", "-"], {})).toThrow(
    "a GET request has no body; use another method",
  )
})

test("a credential among the arguments is noticed", () => {
  expect(parse("-H", "Authorization: Bearer x").showsCredentials).toBe(true)
  expect(parse("-H", "Accept: */*").showsCredentials).toBe(false)
})
