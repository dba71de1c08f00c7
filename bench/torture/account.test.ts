import { expect, test } from "vitest"
import { Account } from "./account.ts"
import type { Received } from "./receiver.ts"
import { verdict } from "./verdict.ts"

const cameIn = (name: string, parts: Partial<Received> = {}): Received => ({
  name,
  times: 1,
  keys: new Set([`key of ${name}`]),
  isWhole: true,
  ...parts,
})

function broken(
  told: readonly string[],
  came: readonly Received[],
  counts: Record<string, number> = { delivered: came.length },
): string[] {
  const account = new Account("sqlite")
  account.killed("worker")
  for (const line of told) account.told(line)
  account.settle(counts, new Map(came.map((one) => [one.name, one])))
  return verdict(account)
    .filter(({ isMet }) => !isMet)
    .map(({ name, measured }) => `${name} ${measured}`)
}

test("all is well when each request came in whole, with one key of its own, and in order", () => {
  expect(
    broken(["acknowledged a-1-0", "refused full", "known a-1-1"], [cameIn("a-1-0", { times: 3 }), cameIn("a-1-1")]),
  ).toEqual([])
})

test.each<
  [what: string, found: string, told: readonly string[], came: readonly Received[], counts?: Record<string, number>]
>([
  [
    "a request is lost",
    "sqlite: acknowledged and lost 1: a-0-0",
    ["acknowledged a-0-0", "acknowledged a-0-1"],
    [cameIn("a-0-1")],
  ],
  ["nothing was acknowledged", "sqlite: acknowledged 0", [], []],
  [
    "two keys",
    "sqlite: sent with more than one Idempotency-Key, or one that is not its own 1: a-0-0",
    ["acknowledged a-0-0"],
    [cameIn("a-0-0", { keys: new Set(["1", "2"]) })],
  ],
  [
    "no key",
    "sqlite: sent with more than one Idempotency-Key, or one that is not its own 1: a-0-0",
    ["acknowledged a-0-0"],
    [cameIn("a-0-0", { keys: new Set(["undefined"]) })],
  ],
  [
    "another's key",
    "sqlite: sent with more than one Idempotency-Key, or one that is not its own 1: a-0-1",
    ["acknowledged a-0-0"],
    [cameIn("a-0-0"), cameIn("a-0-1", { keys: new Set(["key of a-0-0"]) })],
  ],
  [
    "the wrong order in a line",
    "sqlite: out of the order of its ordering key 1: a-1-0",
    ["acknowledged a-1-0"],
    [cameIn("a-1-1"), cameIn("a-1-0")],
  ],
  ["a part", "sqlite: sent in part 1: a-0-0", ["acknowledged a-0-0"], [cameIn("a-0-0", { isWhole: false })]],
  ["more than were in flight", "sqlite: sent again 33", ["acknowledged a-0-0"], [cameIn("a-0-0", { times: 34 })]],
  [
    "what still waits",
    "sqlite: found wrong in the store 1: 1 entries still wait",
    ["acknowledged a-0-0"],
    [cameIn("a-0-0")],
    { waiting: 1, delivered: 1 },
  ],
  [
    "a rejected one",
    "sqlite: found wrong in the store 1: an entry is rejected 7",
    ["acknowledged a-0-0", "rejected 7"],
    [cameIn("a-0-0")],
  ],
])("%s is found", (_what, found, told, came, counts) => {
  expect(broken(told, came, counts)).toEqual([found])
})

test("a caller goes on behind what was acknowledged", () => {
  const account = new Account("sqlite")
  expect(account.nextOf("o0.1-3")).toBe(0)
  account.told("acknowledged o0.1-3-41")
  expect(account.nextOf("o0.1-3")).toBe(42)
})

test("requests of callers without an ordering key, and of different lines, may come in any order", () => {
  const names = ["a-0-1", "a-0-0", "a-1-20", "a-1-0"]
  expect(
    broken(
      names.map((name) => `acknowledged ${name}`),
      names.map((name) => cameIn(name)),
    ),
  ).toEqual([])
})
