import { expect, test } from "vitest"
import { parseReplay } from "./arguments.ts"
import { remarksOn } from "./remarks.ts"
import { selection } from "./selection.ts"
import { recordedCall } from "./test-recording.ts"

const chosen = (calls: Parameters<typeof selection>[0], ...args: string[]) =>
  selection(calls, parseReplay(["a.har", ...args], { TOKEN: "sesame" }))

const calls = [
  recordedCall({ entry: 0, url: "https://api.example.com/users/7", headers: [["Cookie", "sid=hush"]] }),
  recordedCall({ entry: 1, url: "https://api.example.com/orders?token=hush", status: 503 }),
  recordedCall({ entry: 2, url: "https://cdn.example.com/a.png", status: undefined }),
  recordedCall({ entry: 3, method: "POST", url: "https://api.example.com/orders" }),
  recordedCall({ entry: 4, method: "DELETE", url: "https://api.example.com/orders/1" }),
]

test.each([
  [[], [0, 1, 2]],
  [["--unsafe"], [0, 1, 2, 3, 4]],
  [
    ["--unsafe", "--method", "post", "--method", "DELETE"],
    [3, 4],
  ],
  [
    ["--url", "https://api.example.com/*"],
    [0, 1],
  ],
  [
    ["--url", "/orders", "--url", "/a.png"],
    [1, 2],
  ],
  [
    ["--status", "failed"],
    [1, 2],
  ],
  [["--status", "5xx", "--url", "/users/*"], []],
])("%j chooses the entries %j", (args, entries) => {
  expect(chosen(calls, ...args).calls.map(({ recorded }) => recorded.entry)).toEqual(entries)
})

test("what is left out is told with the reason, and what is withheld by name, without values", () => {
  expect(remarksOn(chosen(calls, "--url", "https://api.example.com/*"), undefined)).toEqual([
    "left out: 2 that could change something (POST, DELETE); --unsafe sends such calls",
    "left out: 1 by --method, --url or --status",
    "2 without the credentials that were recorded (cookie, token); --with-credentials sends them, --bearer-env NAME others",
  ])
})

test("one and several are told in their words, of many the first", () => {
  const odd = [
    recordedCall({ url: "data:text/plain,a" }),
    recordedCall({ url: "wss://api.example.com/" }),
    recordedCall({ status: 101 }),
    ...["POST", "PUT", "PATCH", "DELETE", "POST"].map((method) => recordedCall({ method })),
  ]
  expect(remarksOn(chosen(odd), "http://localhost:3000")).toEqual([
    "left out: 5 that could change something (POST, PUT, PATCH, 1 more); --unsafe sends such calls",
    "left out: 1 that has no end (upgrade)",
    "left out: 2 that are no HTTP requests (data:, wss:)",
  ])
})

test("with another origin there is no way to send recorded credentials", () => {
  expect(remarksOn(chosen(calls.slice(0, 1), "--to", "http://localhost:3000"), "http://localhost:3000")).toEqual([
    "1 without the credentials that were recorded (cookie); --bearer-env NAME sends others",
  ])
})

test.each([
  [["--to", "http://localhost:3000"], "--to is for one origin"],
  [["--bearer-env", "TOKEN"], "--bearer-env is for one origin"],
  [["-H", "X-Api-Key: hush"], "--header X-Api-Key is for one origin"],
])("%j is refused where the calls have several origins", (args, message) => {
  const rest =
    ", and the calls have 2 (https://api.example.com, https://cdn.example.com); choose one with --url 'https://api.example.com/*'"
  expect(() => chosen(calls, ...args)).toThrow(message + rest)
  expect(chosen(calls, ...args, "--url", "https://api.example.com/*").calls).toHaveLength(2)
})

test("several origins are fine where nothing is for one alone", () => {
  expect(chosen(calls, "-H", "X-Tenant: a")).toMatchObject({ origin: undefined })
  expect(chosen(calls.slice(0, 2))).toMatchObject({ origin: "https://api.example.com" })
})

test("more calls than are kept are refused", () => {
  const many = Array.from({ length: 100_001 }, () => calls[0] ?? recordedCall())
  expect(() => chosen(many)).toThrow(
    "100001 calls are too many for one replay; choose at most 100000 with --url or --status",
  )
})
