import { describe, expect, test } from "vitest"
import {
  accept,
  badChunkSize,
  close,
  echo,
  endless,
  garbage,
  json,
  noLastChunk,
  parseScript,
  redirect,
  reset,
  ScriptError,
  stall,
  startFaultServer,
  status,
  trickle,
  truncatedGzip,
  wrongContentLength,
} from "./index.ts"

const steps = [
  status(503, { headers: { "Retry-After": "{date+2s}", "x-two": ["1", "2"] }, reason: "Busy", delayMs: 5 }),
  status(200, {
    informational: [{ status: 103, headers: { link: "</x>" } }],
    coding: { name: "br" },
    onReuse: "reset",
  }),
  json(200, { a: [1, null, "{origin}"] }),
  redirect(308, "{origin}/x"),
  echo({ status: 201 }),
  reset("before-reading"),
  reset({ afterBytes: 10 }, { status: 404, framing: "chunked" }),
  close("mid-headers"),
  stall("before-headers", { delayMs: 3 }),
  trickle({ bytes: 10 }, { chunkBytes: 1, gapMs: 1 }),
  endless(),
  garbage(),
  garbage({ base64: "AA==" }),
  truncatedGzip("text"),
  wrongContentLength(3, "text"),
  badChunkSize("text"),
  noLastChunk({ base64: "AAAA" }),
]

function mistakesIn(script: unknown): readonly string[] {
  try {
    parseScript(JSON.stringify(script), "s.json")
  } catch (error) {
    if (error instanceof ScriptError) return error.mistakes
    throw error
  }
  return []
}

const mistakesInStep = (step: unknown): readonly string[] => mistakesIn({ "/": [{ kind: "echo" }, step] })

describe("a script in a file", () => {
  test("can say all that the builders say", () => {
    const script = {
      "GET /a": { steps, then: "repeat" as const },
      "on connect": { steps: [accept(), reset("on-connect"), stall("on-connect")], then: "last" as const },
    }
    expect(parseScript(JSON.stringify(script), "s.json")).toEqual(script)
  })

  test("may give a list or one step alone where nothing else is to say", async () => {
    const script = parseScript('{ "/a": [{ "kind": "reply", "status": 201 }], "/b": { "kind": "echo" } }', "s.json")
    expect(script).toEqual({
      "/a": { steps: [{ kind: "reply", status: 201 }], then: "last" },
      "/b": { steps: [{ kind: "echo" }], then: "last" },
    })
    await using server = await startFaultServer(script)
    expect((await fetch(`${server.origin}/a`)).status).toBe(201)
  })

  test("that is no JSON is refused with its name and the place", () => {
    const text = '{\n  "GET /users": [{ "kind": "reply", "status": 200 }],\n  "/": [}\n}'
    expect(() => parseScript(text, "s.json")).toThrow(/^s\.json: is no JSON: Unexpected token '}'/)
    expect(mistakesIn([])).toEqual(['s.json: is no object; write {"GET /path": [steps]}'])
  })
})

describe("a mistake is named with its place, the value and the fix:", () => {
  test.for<[what: string, step: unknown, mistake: string]>([
    ["no object", 7, 's.json: "/", step 2 is 7; use an object with a kind'],
    [
      "an unknown kind",
      { kind: "rely" },
      'step 2, kind: is "rely"; use "reply", "echo", "drop", "garbage" or "accept"',
    ],
    ["no kind", { status: 200 }, 'step 2, kind: is undefined; use "reply", "echo", "drop", "garbage" or "accept"'],
    ["a missing field", { kind: "reply" }, "step 2, status: is missing; add it"],
    [
      "an unknown field",
      { kind: "echo", sttus: 1 },
      "step 2, sttus: is no field here; the fields are kind, status, headers, delayMs",
    ],
    ["a status", { kind: "reply", status: 99 }, "step 2, status: is 99; use a whole number from 200 to 999"],
    [
      "a delay",
      { kind: "echo", delayMs: 2 ** 31 },
      "step 2, delayMs: is 2147483648; use a whole number from 0 to 2147483647",
    ],
    [
      "a field name",
      { kind: "echo", headers: { "a b": "" } },
      'step 2, headers.a b: "a b" is no field name; use letters, digits and -',
    ],
    [
      "a line break in a field",
      { kind: "echo", headers: { a: ["x", "x\r\ny"] } },
      "step 2, headers.a.2: has a character that no field value can carry; remove it, or use a garbage step",
    ],
    [
      "a placeholder",
      { kind: "echo", headers: { a: "{date+2sec}" } },
      "step 2, headers.a: has a broken placeholder; write {origin}, {origin:name}, {date} or {date+2s}",
    ],
    [
      "a body",
      { kind: "reply", status: 200, body: { text: "x" } },
      'step 2, body: is no body; use a text, {"json": …}, {"base64": "…"}, {"bytes": n} or {"endless": true}',
    ],
    ["base64", { kind: "garbage", body: { base64: "?" } }, "step 2, body.base64: is no base64; encode the bytes anew"],
    [
      "a framing",
      { kind: "reply", status: 200, framing: "odd" },
      'step 2, framing: is "odd"; use "content-length", "chunked", "until-close", "bad-chunk-size", "no-last-chunk"',
    ],
    [
      "a cut",
      { kind: "reply", status: 200, cut: { at: "end", by: "reset" } },
      'step 2, cut.at: is "end"; use "mid-headers", or "body" with afterBytes',
    ],
    [
      "a 101",
      { kind: "reply", status: 200, informational: [{ status: 101 }] },
      "step 2, informational.1.status: is 101, which would end HTTP on the connection; use another one",
    ],
    ["a body of a 204", { kind: "reply", status: 204, body: "x" }, "step 2 a 204 has no body; remove the body"],
    [
      "an endless coding",
      { kind: "reply", status: 200, body: { endless: true }, coding: { name: "br" } },
      "step 2 an endless body has no coding; remove the coding",
    ],
    [
      "an endless length",
      { kind: "reply", status: 200, body: { endless: true }, framing: "content-length" },
      'step 2 an endless body has no other framing than "chunked" or "until-close"; use one of them',
    ],
    [
      "a huge coded body",
      { kind: "reply", status: 200, body: { bytes: 1e9 }, coding: { name: "br" } },
      "step 2 a body with a coding has at most 67108864 bytes; use fewer",
    ],
    [
      "a reuse after a cut",
      { kind: "reply", status: 200, framing: "until-close", onReuse: "reset" },
      "step 2 onReuse needs a connection that is kept; remove the cut or the framing",
    ],
    [
      "unseen silence",
      { kind: "drop", at: "before-reading", by: "silence" },
      'step 2 silence cannot begin "before-reading", for a server that does not read cannot see the client leave; use "before-headers"',
    ],
    ["a step out of place", { kind: "accept" }, 'step 2 is not for this route; put it under the route "on connect"'],
  ])("%s", ([, step, mistake]) => {
    expect(mistakesInStep(step)).toEqual([expect.stringContaining(mistake)])
  })

  test("routes, lists and what comes after them; all mistakes at once", () => {
    expect(
      mistakesIn({
        "GET users": { kind: "echo" },
        "/q?x=1": { kind: "echo" },
        "/none": [],
        "/then": { steps: [{ kind: "echo" }], then: "stop" },
        "on connect": { steps: [{ kind: "echo" }], then: 404 },
      }),
    ).toEqual([
      's.json: "GET users" is no route; write "GET /path", "/path", or either with a * at the end, without a query',
      's.json: "/q?x=1" is no route; write "GET /path", "/path", or either with a * at the end, without a query',
      's.json: "/none" has no steps; add one',
      's.json: "/then", then: is "stop"; use "last", "repeat" or the number 404',
      's.json: "on connect", step 1 is not for this route; use "accept", or "drop" at "connect"',
      's.json: "on connect", then: a connection gets no 404; use "last" or "repeat"',
    ])
  })

  test("origins that no server was given for", async () => {
    await expect(
      startFaultServer({ "/": redirect(302, "{origin:b}/") }, { origins: { a: "http://a" } }),
    ).rejects.toThrow('script: "/": {origin:b} names no server; give its origin in the option origins')
  })

  test("scripts made in code", async () => {
    await expect(startFaultServer({ "/": status(1000) })).rejects.toThrow(
      'script: "/", step 1, status: is 1000; use a whole number from 200 to 999',
    )
  })
})
