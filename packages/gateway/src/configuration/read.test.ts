import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigurationError } from "steadfetch"
import { describe, expect, onTestFinished, test } from "vitest"
import { checkConfiguration, parseConfiguration, readConfiguration } from "./read.ts"

const env = {
  KEY: "s3cret-key",
  SEAL: Buffer.alloc(32, 7).toString("base64"),
  EMPTY: "",
  LINES: "one\ntwo",
  BEYOND: "10 €",
}
const api = "upstreams:\n  api:\n    url: http://api.test"

/** What is said of a text, without the file's name. */
function mistakes(text: string): readonly string[] {
  try {
    parseConfiguration(text, "g.yaml", env)
  } catch (error) {
    if (ConfigurationError.is(error)) return error.message.split("\n")
    throw error
  }
  return []
}

describe("a configuration", () => {
  const whole = {
    listen: { host: "127.0.0.1", port: 0 },
    admin: false,
    token: { env: "KEY" },
    allow: { hosts: ["gateway.test"], origins: ["https://app.test"] },
    limits: { headBytes: 2048, requestMs: false },
    shutdownMs: 0,
    accessLog: false,
    outbox: {
      file: "outbox.db",
      path: "/-/calls",
      lifetimeMs: 1,
      perSecond: 0.5,
      concurrency: { total: 1, perOrigin: 1 },
      backoff: { baseMs: 1, maxMs: 2 },
      limits: { entries: 0, bodyBytes: 0, totalBytes: 0 },
      encryption: { key: { env: "SEAL" } },
    },
    upstreams: {
      a: {
        url: "https://a.test/v1/",
        prefix: "/a/",
        preset: "gentle",
        contract: { base: "strict", rows: { 409: "retry", "4xx": "correct" } },
        retry: { attempts: 3, budget: false },
        timeout: { attemptMs: 1000, stallMs: false },
        deadlineMs: 5000,
        idempotencyKey: { header: "X-Key", format: "quoted" },
        breaker: { failureRatio: 0.2, queue: { size: 1 }, whenOpen: "wait" },
        auth: { apiKey: { env: "KEY", header: "x-key" } },
        body: { memoryBytes: 1, fileBytes: 2, mostBytes: 3 },
        wholeReplyBytes: 0,
        via: false,
        forwarded: "append",
        outbox: false,
      },
      b: { url: "http://b.test", host: "b.localhost", retry: false, timeout: false, deadlineMs: false, breaker: true, auth: { basic: { user: "u", password: { env: "KEY" } } }, idempotencyKey: false, forwarded: false }, // prettier-ignore
    },
  }

  test("may be JSON, and can say all that there is to say", () => {
    expect(parseConfiguration(JSON.stringify(whole), "g.json", env)).toEqual(whole)
  })

  test("may be YAML, with anchors and comments", () => {
    const text = `# two\nupstreams:\n  a: { prefix: /a, url: "http://a.test", retry: &few { attempts: 2 } }\n  b: { prefix: /b, url: "http://b.test", retry: *few }\n`
    expect(parseConfiguration(text, "g.yaml", env).upstreams["b"]).toMatchObject({ retry: { attempts: 2 } })
  })

  test("may be made in code", () => {
    const made = { upstreams: { a: { url: "http://a.test" } } }
    expect(checkConfiguration(made)).toBe(made)
    expect(() => checkConfiguration({ upstreams: { a: { url: "a.test" } } })).toThrow(
      /^upstreams\.a\.url: is no URL; write "https:\/\/api\.example\.com"$/,
    )
  })

  test("that cannot be read says why", () => {
    expect(() => readConfiguration("/none/g.yaml")).toThrow(
      "/none/g.yaml cannot be read (ENOENT); give the path of a YAML or JSON file",
    )
  })

  test("is told of with its file", () => {
    const folder = mkdtempSync(join(tmpdir(), "steadfetch-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, "g.yaml")
    writeFileSync(path, "upstreams: {}")
    expect(() => readConfiguration(path)).toThrow(`${path}:1:1: upstreams: names no upstream`)
  })
})

describe("a mistake is told with line, column and the fix:", () => {
  test.each([
    ["nothing", "", '1:1: the configuration: is no object'],
    ["a text", "words", "1:1: the configuration: is no object"],
    ["no YAML", "a: [1\nb: 2", "2:1: is no YAML or JSON: "],
    ["a key twice", `${api}\n    url: http://b.test`, "4:5: is no YAML or JSON: Map keys must be unique"],
    ["an unknown part", `${api}\nupstream: x`, "4:1: upstream: is no field here; the fields are listen, admin"],
    ["an alias of nothing", `${api}\n    retry: *few`, '4:12: is no YAML or JSON: the alias "few" has no anchor before it'],
    ["aliases without end", `a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]\n${api}`, "1:1: is no YAML or JSON: Excessive alias count"],
    ["a name that every object has", `${api}\n  constructor: { url: x }`, '1:1: upstreams: holds a name that every object has; use others than "constructor", "prototype" and "__proto__"'],
    ["no upstreams", "listen: { port: 1 }", "1:1: upstreams: is missing; add it"],
    ["a list of upstreams", "upstreams: [1]", "1:13: upstreams.0: is no object"],
    ["a name", `${api}\n  "b c": { url: "http://b.test" }`, '4:3: upstreams.b c: "b c" is no name; use letters'],
    ["no url", "upstreams:\n  a: { prefix: /a }", "2:3: upstreams.a.url: is missing; add it"],
    ["a url without scheme", "upstreams:\n  a: { url: a.test }", '2:8: upstreams.a.url: is no URL; write "https://api.example.com"'],
    ["a url with a query", "upstreams:\n  a: { url: 'http://a.test?x' }", "2:8: upstreams.a.url: has a query or a fragment; end it with the path"],
    ["an outbox without a file", `${api}\noutbox: {}`, "4:1: outbox.file: is missing; add it"],
    ["an outbox below a prefix", `${api}\n    prefix: /-/\noutbox: { file: x }`, '5:1: outbox.path: is where "api" has its prefix, "/-/"; give another "path"'],
    ["an outbox above a prefix", `${api}\n    prefix: /-/outbox/b\noutbox: { file: x }`, '5:1: outbox.path: is where "api" has its prefix, "/-/outbox/b"'],
    ["an outbox's path", `${api}\noutbox: { file: x, path: /a/ }`, "4:20: outbox.path: ends with a slash"],
    ["an outbox's backoff", `${api}\noutbox: { file: x, backoff: { baseMs: 4000000 } }`, '4:31: outbox.backoff.baseMs: is above "maxMs" (3600000)'],
    ["an outbox's rate", `${api}\noutbox: { file: x, perSecond: 0 }`, "4:20: outbox.perSecond: is below 0.001"],
    ["an outbox's key", `${api}\noutbox: { file: x, encryption: { key: { env: KEY } } }`, "4:34: outbox.encryption.key: is not 32 bytes in base64; make one with: openssl rand -base64 32"],
    ["an outbox's key that is not set", `${api}\noutbox: { file: x, encryption: { key: { env: NONE } } }`, "4:41: outbox.encryption.key.env: the environment variable NONE is not set"],
    ["an upstream's outbox", `${api}\n    outbox: true`, "4:5: upstreams.api.outbox: is true; use false, or leave it out"],
    ["a port", `${api}\nlisten: { port: 99999 }`, "4:11: listen.port: is 99999; use a whole number from 0 to 65535"],
    ["a prefix", `${api}\n    prefix: orders`, '4:5: upstreams.api.prefix: is "orders"; use a path such as "/orders"'],
    ["dot segments", `${api}\n    prefix: /a/../b`, "4:5: upstreams.api.prefix: has dot segments; write it without"],
    ["encoded dot segments", `${api}\n    prefix: /a/%2E%2e/b`, "4:5: upstreams.api.prefix: has dot segments; write it without"],
    ["a host with a port", `${api}\n    host: "a.test:80"`, '4:5: upstreams.api.host: is "a.test:80"; use a name such as "api.localhost"'],
    ["an origin with a path", `${api}\nallow:\n  origins:\n    - http://a.test/`, "6:7: allow.origins.0: is no origin; write it as browsers send it"],
    ["no list", `${api}\nallow: { hosts: a.test }`, '4:10: allow.hosts: is "a.test"; use a list: [ … ]'],
    ["a preset", `${api}\n    preset: fast`, '4:5: upstreams.api.preset: is "fast"; use "standard" or "gentle" or "lowLatency"'],
    ["a contract", `${api}\n    contract: { rows: { 999: retry } }`, '4:25: upstreams.api.contract.rows.999: "999" is no status; use one such as 409, or "4xx"'],
    ["a rule", `${api}\n    contract: { rows: { 409: again } }`, '4:25: upstreams.api.contract.rows.409: is "again"; use "accept" or "correct"'],
    ["a number", `${api}\n    retry: { attempts: "3" }`, '4:14: upstreams.api.retry.attempts: is "3"; use a whole number from 1 to 1000'],
    ["a limit", `${api}\n    deadlineMs: true`, "4:5: upstreams.api.deadlineMs: is true; use a whole number from 1 to 2147483647, or false for no limit"],
    ["a share", `${api}\n    breaker: { failureRatio: 2 }`, "4:16: upstreams.api.breaker.failureRatio: is above 1; use a number from 0 to 1"],
    ["core's own rules", `${api}\n    timeout: { attemptMs: 9000 }\n    deadlineMs: 1000`, "2:3: upstreams.api: timeout.attemptMs (9000) is above the deadline (1000 ms)"],
    ["limits of a body", `${api}\n    body: { memoryBytes: 9, fileBytes: 1 }`, '4:13: upstreams.api.body.memoryBytes: is above "fileBytes", which is for both; lower it'],
    ["two for the same requests", `${api}\n  b: { url: "http://b.test", prefix: / }`, '4:3: upstreams.b: takes the same requests as "api"; give it another "prefix" or "host"'],
    ["an open door", `${api}\nlisten: { host: 0.0.0.0 }`, '4:11: listen.host: is "0.0.0.0", which others can reach; add a token'],
    ["an open admin door", `${api}\nadmin: { host: "::" }`, '4:10: admin.host: is "::", which others can reach; add a token'],
    ["any name", `${api}\nallow: { hosts: ["*"] }`, '4:10: allow.hosts: has "*", with which web pages can reach the gateway'],
    ["an unset variable", `${api}\ntoken: { env: NONE }`, "4:10: token.env: the environment variable NONE is not set; set it where the gateway is started"],
    ["an empty variable", `${api}\n    auth: { bearer: { env: EMPTY } }`, "4:23: upstreams.api.auth.bearer.env: the environment variable EMPTY is empty"],
    ["a missing file", `${api}\n    auth: { apiKey: { file: /none } }`, "4:23: upstreams.api.auth.apiKey.file: the file /none cannot be read (ENOENT)"],
    ["a secret of two lines", `${api}\n    auth: { bearer: { env: LINES } }`, "4:23: upstreams.api.auth.bearer.env: the environment variable LINES holds a line break or a character beyond Latin-1, which no header field can carry; write the secret alone"],
    ["a token beyond Latin-1", `${api}\ntoken: { env: BEYOND }`, "4:10: token.env: the environment variable BEYOND holds a line break or a character beyond Latin-1"],
    ["a key in two places", `${api}\n    auth: { apiKey: { env: KEY, header: X-Key, query: key } }`, '4:13: upstreams.api.auth.apiKey: has "header" and "query"; keep the one in which the API wants the key'],
    ["a field with a space", `${api}\n    auth: { apiKey: { env: KEY, header: X Key } }`, '4:33: upstreams.api.auth.apiKey.header: is no header field that can be set; use one such as "X-Api-Key"'],
    ["a field that frames the message", `${api}\n    auth: { apiKey: { env: KEY, header: Transfer-Encoding } }`, "4:33: upstreams.api.auth.apiKey.header: is no header field that can be set"],
    ["a key in Host", `${api}\n    idempotencyKey: { header: Host }`, "4:23: upstreams.api.idempotencyKey.header: is no header field that can be set"],
    ["an unknown kind of auth", `${api}\n    auth: { digest: x }`, '4:5: upstreams.api.auth: is none of its kinds; use an object with "bearer" or "basic" or "apiKey"'],
  ])("%s", (_what, text, expected) => {
    expect(mistakes(text)[0]).toContain(`g.yaml:${expected}`)
  }) // prettier-ignore

  test("all at once, in the order of their places", () => {
    const places = mistakes("listen: { port: x }\nupstreams:\n  a: { url: x, deadlineMs: x }\n  b: {}\n")
    expect(places.map((line) => /^g\.yaml:(\d+:\d+)/.exec(line)?.[1])).toEqual(["1:11", "3:8", "3:16", "4:3"])
  })

  test.each([
    ["token: s3cret-key", "token"],
    ["upstreams: { a: { url: 'http://u:s3cret-key@a.test' } }", "url"],
    ["upstreams: { a: { url: 'http://a.test', auth: { bearer: s3cret-key } } }", "bearer"],
    ["upstreams: { a: { url: 'http://a.test', auth: s3cret-key } }", "auth"],
    ["upstreams: { a: { url: 'http://a.test', auth: { basic: s3cret-key } } }", "basic"],
    ["upstreams: { a: { url: 'http://a.test', auth: { apiKey: { env: KEY, header: [s3cret-key] } } } }", "header"],
    ["upstreams: s3cret-key", "upstreams"],
  ])("a secret in the wrong place is not shown: %s", (text, place) => {
    const said = mistakes(text).join("\n")
    expect(said).toContain(place)
    expect(said).not.toContain("s3cret-key")
  })
})
