import { expect, test } from "vitest"
import { parseBench } from "./arguments.ts"

const HERE = "http://localhost:3000/orders"
const parse = (...args: string[]) => parseBench([HERE, ...args], { TOKEN: "secret-token" })

test("a URL is enough: ten at a time for ten seconds, after a second to warm up", () => {
  expect(parse()).toMatchObject({
    method: "GET",
    url: HERE,
    plan: { concurrency: 10, perSecond: undefined, durationMs: 10_000, calls: undefined },
    warmUpMs: 1000,
    isBare: false,
    sendsKey: true,
    output: "text",
    quiet: false,
  })
})

test("a number of requests takes the place of the duration, and nothing besides is sent", () => {
  expect(parse("--requests", "500")).toMatchObject({
    plan: { durationMs: undefined, calls: 500 },
    warmUpMs: 0,
  })
  expect(parse("--requests", "500", "--warm-up", "2s").warmUpMs).toBe(2000)
  for (const none of ["none", "0", "0s"]) expect(parse("--warm-up", none).warmUpMs).toBe(0)
})

test("a rate is a schedule, with room for a hundred at a time", () => {
  expect(parse("--rate", "90/m").plan).toMatchObject({ perSecond: 1.5, concurrency: 100 })
  expect(parse("--rate", "90/m", "--concurrency", "3").plan.concurrency).toBe(3)
})

test("a request is described as for call", () => {
  const args = ["PUT", HERE, "--json", "{}", "-H", "a: b", "--query", "c=d", "--bearer-env", "TOKEN", "--attempts", "3"]
  expect(parseBench(args, { TOKEN: "secret-token" })).toMatchObject({
    method: "PUT",
    headers: [["a", "b"]],
    query: [["c", "d"]],
    retry: { attempts: 3 },
    bodyOptions: { json: "{}" },
  })
  expect(parse("--data", "x").method).toBe("POST")
})

test("another machine's server may be loaded when it is said to be one's own", () => {
  expect(parseBench(["https://api.example.com", "--yes-this-is-my-server"], {}).url).toBe("https://api.example.com")
})

test.each([
  [[], "the URL is missing; write steadfetch bench [METHOD] URL"],
  [["POST"], "write steadfetch bench POST https://…"],
  [["localhost:3000"], "has no scheme; write http://localhost:3000"],
  [["https://api.example.com"], "api.example.com is not this machine"],
  [["GET", HERE, "--data", "x"], "a GET request has no body"],
  [[HERE, "--duration", "10"], '--duration is "10", which is no duration; write 10s or 10ms'],
  [[HERE, "--duration", "none"], '--duration is "none", which is no duration'],
  [[HERE, "--duration", "1s", "--requests", "5"], "--duration and --requests both say when to end; give one"],
  [[HERE, "--requests", "0"], '--requests is "0"; give a whole number from 1'],
  [[HERE, "--concurrency", "0"], '--concurrency is "0"; give a whole number from 1'],
  [[HERE, "--concurrency", "1001"], "give at most 1000, and run it on several machines for more"],
  [[HERE, "--rate", "100"], "write 100/s"],
  [[HERE, "--warm-up", "5"], "write 5s or 5ms"],
  [[HERE, "--no-retry", "--retries", "2"], "--no-retry sends each call once, and --retries says otherwise; give one"],
  [[HERE, "--no-retry", "--attempts", "2"], "--no-retry sends each call once, and --attempts says otherwise; give one"],
  [[HERE, "--output", "xml"], '--output is "xml"; use text or json'],
  [[HERE, "--request", "5"], "bench has no option --request; did you mean --requests?"],
])("%j is refused", (args, message) => {
  expect(() => parseBench(args, {})).toThrow(message)
})
