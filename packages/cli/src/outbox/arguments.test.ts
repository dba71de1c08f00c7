import { describe, expect, test } from "vitest"
import { UsageError } from "../usage-error.ts"
import { parseOutbox } from "./arguments.ts"

const ID = "0199c2a4-7b3e-7abc-8def-000000000001"
const KEY = "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U="
const ENV = {
  STEADFETCH_OUTBOX: "outbox.db",
  TOKEN: "sesame",
  KEY,
  DB: "postgres://u:secret@db/x",
  EMPTY: "",
  SHORT: "abcd",
}

const parse = (...args: string[]) => parseOutbox(args, ENV)

test("what is left out has its default", () => {
  expect(parse("list")).toMatchObject({
    verb: "list",
    place: { kind: "sqlite", address: "outbox.db", showsPassword: false },
    limit: 50,
    output: "text",
    states: undefined,
    encryption: undefined,
  })
  expect(parse("run")).toMatchObject({
    concurrency: { total: 32, perOrigin: 8 },
    perSecond: undefined,
    graceMs: 30_000,
  })
  expect(parse("add", "https://h/x")).toMatchObject({ method: "POST", url: "https://h/x", create: false })
})

test("everything that is given is taken", () => {
  expect(
    parse("list", "--state", "rejected", "--state", "expired", "--origin", "https://h/x", "--ordering-key", "a", "--limit", "7", "--after", ID, "--output", "json"),
  ).toMatchObject({ states: ["rejected", "expired"], origin: "https://h", orderingKey: "a", limit: 7, after: ID, output: "json" }) // prettier-ignore
  expect(parse("amend", ID.toUpperCase(), "--method", "put", "--url", "/x", "--header", "x-a: b", "--priority=-5", "--lifetime", "2h")).toMatchObject({ id: ID, method: "PUT", url: "/x", headers: [["x-a", "b"]], priority: -5, lifetimeMs: 7_200_000 }) // prettier-ignore
  expect(parse("retry", "--state", "expired", "--status", "401", "--yes")).toMatchObject({ ids: [], states: ["expired"], statuses: [401], yes: true }) // prettier-ignore
  expect(parse("add", "put", "/x", "--base-url", "https://h/v1", "--key", "order-17")).toMatchObject({ method: "PUT", url: "/x", key: "order-17" }) // prettier-ignore
  expect(parse("run", "--per-second", "0.5", "--grace", "5s", "--concurrency", "4")).toMatchObject({ perSecond: 0.5, graceMs: 5000, concurrency: { total: 4 } }) // prettier-ignore
  expect(parse("stats", "--key-env", "KEY").encryption?.key).toHaveLength(32)
})

test.each([
  ["outbox.db", "sqlite", "outbox.db"],
  ["C:\\outbox.db", "sqlite", "C:\\outbox.db"],
  ["postgresql://db/x", "postgres", "postgresql://db/x"],
  ["rediss://h:6380/0", "redis", "rediss://h:6380/0"],
  ["unix:///run/redis.sock", "redis", "/run/redis.sock"],
])("--store %s is %s", (store, kind, address) => {
  expect(parse("stats", "--store", store).place).toEqual({ kind, address, showsPassword: false })
})

test("a password among the arguments is noticed, and one in the environment is no matter", () => {
  expect(parse("stats", "--store", "postgres://u:secret@db/x").place.showsPassword).toBe(true)
  expect(parse("stats", "--store", "redis://:secret@h").place.showsPassword).toBe(true)
  expect(parse("stats", "--store", "postgres://u@db:5432/x").place.showsPassword).toBe(false)
  expect(parse("stats", "--store-env", "DB").place).toEqual({ kind: "postgres", address: ENV.DB, showsPassword: false })
})

describe("bad usage", () => {
  test.each<[readonly string[], string]>([
    [[], "say what to do with the outbox: list, show, add, amend, retry, discard, stats or run"],
    [["lst"], 'an outbox knows no "lst"; did you mean list?'],
    [["frobnicate"], "there are list, show"],
    [["list", "--yes"], "outbox list takes no --yes; that is for retry and discard"],
    [["list", "x"], 'outbox list takes no "x"'],
    [["list", "--limit", "1001"], "give a whole number from 1 to 1000"],
    [["list", "--state", "lost"], '--state is "lost"'],
    [["list", "--output", "body"], "--output body is for show"],
    [["list", "--after", "xyz"], '--after is "xyz"; give an entry\'s id'],
    [["list", "--origin", "api.example.com"], "write https://api.example.com"],
    [["show"], "the ID is missing; write steadfetch outbox show ID"],
    [["show", ID, ID], "takes one ID"],
    [["show", "019"], "at least 4 characters"],
    [["show", "0199c2a47b3e"], "give an entry's id"],
    [["amend", ID, "--json", "{}", "--data", "x"], "a request has one body"],
    [["amend", ID, "--json", "{}", "--no-body"], "a body is given, taken away or edited"],
    [["amend", ID, "--edit"], "neither VISUAL nor EDITOR"],
    [["amend", ID, "--priority", "101"], "from -100 to 100"],
    [["amend", ID, "--lifetime", "3d"], "--lifetime"],
    [["retry"], "say which entries"],
    [["retry", ID, "--state", "expired"], "say which entries"],
    [["retry", "--state", "rejected"], "for rejected ones give --status 401"],
    [["retry", "--status", "422"], "any other 4xx is not sent again unchanged, amend it"],
    [["retry", ID, "--origin", "https://h"], "--origin needs --state or --status"],
    [["discard"], "the ID is missing"],
    [["add"], "the URL is missing"],
    [["add", "POST", "https://h", "x"], '"x" is one too many'],
    [["run", "--bearer-env", "TOKEN"], "--bearer-env needs --base-url"],
    [["run", "--per-second", "0"], "give a number above 0"],
    [["run", "--base-url", "https://u:p@h"], "holds a user name or password"],
    [["stats", "--store", "a.db", "--store-env", "DB"], "give one"],
    [["stats", "--store", ""], "--store is empty"],
    [["stats", "--store-env", "NONE"], "the environment variable NONE is not set"],
    [["stats", "--store-env", "EMPTY"], "the environment variable EMPTY is empty"],
    [["stats", "--store", "mysql://u:secret@h/x"], "--store begins with mysql://"],
    [["stats", "--store", "redis://u:secret@h:x"], "--store is a URL that cannot be read"],
    [["stats", "--key-env", "SHORT"], "SHORT holds no 32 bytes in base64 or hex"],
  ])("%j", (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError)
    expect(() => parse(...args)).toThrow(message)
    expect(() => parse(...args)).not.toThrow(/secret|abcd/)
  })

  test("no outbox at all", () => {
    expect(() => parseOutbox(["list"], {})).toThrow("the outbox is missing")
  })
})

test("a key may be hex", () => {
  const { encryption } = parseOutbox(["stats"].concat("--key-env", "HEX"), { ...ENV, HEX: "ab".repeat(32) })
  expect(encryption?.key).toEqual(Buffer.alloc(32, 0xab))
})
