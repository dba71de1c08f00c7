import { expect, test } from "vitest"
import { parseReplay } from "./arguments.ts"

const parsed = (...args: string[]) => parseReplay(args, { TOKEN: "sesame" })

test("alone, a file is replayed six calls at a time, as fast as they end", () => {
  expect(parsed("a.har")).toMatchObject({
    file: "a.har",
    list: false,
    json: false,
    methods: [],
    urls: [],
    statuses: [],
    unsafe: false,
    to: undefined,
    withCredentials: false,
    concurrency: 6,
    speed: undefined,
  })
})

test("--speed is as recorded by itself, and what is as recorded has room for more calls", () => {
  expect(parsed("a.har", "--as-recorded")).toMatchObject({ speed: 1, concurrency: 100 })
  expect(parsed("a.har", "--speed", "0.5", "--concurrency", "3")).toMatchObject({ speed: 0.5, concurrency: 3 })
})

test("--to is an origin, with or without a slash", () => {
  expect(parsed("a.har", "--to", "https://staging.example.com/").to).toBe("https://staging.example.com")
  expect(parsed("a.har", "--to", "http://localhost:3000").to).toBe("http://localhost:3000")
})

test.each([
  ["404", [404], [403, 200, undefined]],
  ["5xx", [500, 599], [404, undefined]],
  ["2XX", [200], [20, 2000, 300]],
  ["none", [undefined], [200, 500]],
  ["failed", [400, 404, 500, undefined], [200, 304]],
])("--status %s", (text, chosen, others) => {
  const [isMeant] = parsed("a.har", "--status", text).statuses
  expect(chosen.map((status) => isMeant?.(status))).toEqual(chosen.map(() => true))
  expect(others.map((status) => isMeant?.(status))).toEqual(others.map(() => false))
})

test("methods may be written small", () => {
  expect(parsed("a.har", "--method", "get", "--method", "Purge").methods).toEqual(["GET", "Purge"])
})

test.each([
  [[], "the recording is missing; write steadfetch replay FILE.har, or - for standard input"],
  [["a.har", "b.har"], '"b.har" is one file too many'],
  [["a.har", "--to", "staging"], 'the URL "staging" has no scheme; write https://staging'],
  [
    ["a.har", "--to", "https://a:hush@b.example"],
    "holds a user name or password; give credentials with --bearer-env NAME",
  ],
  [
    ["a.har", "--to", "https://a.example/v2"],
    "--to is more than an origin; write --to https://a.example: the calls keep their paths",
  ],
  [
    ["a.har", "--to", "https://a.example", "--with-credentials"],
    "--with-credentials sends credentials to where they were recorded, and --to sends elsewhere",
  ],
  [["a.har", "--speed", "0"], '--speed is "0"; give a number above 0, such as 2 or 0.5'],
  [["a.har", "--speed", "2x"], '--speed is "2x"'],
  [["a.har", "--status", "bad"], '--status is "bad"; write 404, 5xx, none or failed'],
  [["a.har", "--status", "6xx"], '--status is "6xx"'],
  [["a.har", "--concurrency", "0"], "--concurrency"],
  [["a.har", "--only-failed"], "replay has no option --only-failed"],
])("%j is bad usage", (args, message) => {
  expect(() => parsed(...args)).toThrow(message)
  expect(() => parsed(...args)).not.toThrow("hush")
})
