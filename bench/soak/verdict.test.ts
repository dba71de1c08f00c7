import { expect, test } from "vitest"
import type { Account, Sample } from "./account.ts"
import { verdict } from "./verdict.ts"

const MIB = 1024 * 1024

function samples(heapPerSample: number, rssPerSample: number, timers = 0): Sample[] {
  return Array.from({ length: 24 }, (_, index) => ({
    atSeconds: index * 2.5,
    calls: index * 1000,
    sockets: 40,
    // The first ones grow whatever comes after.
    rssBytes: 200 * MIB + Math.min(index, 4) * 10 * MIB + index * rssPerSample,
    heapBytes: 20 * MIB + Math.min(index, 4) * MIB + index * heapPerSample,
    timers,
  }))
}

const sound: Account = {
  samples: samples(0, 0),
  ends: { "fetch: small JSON": { well: 24_000 } },
  unexpected: [],
  listeners: 0,
  resources: [],
  complaints: [],
  openConnections: 0,
  exitCode: 0,
}

const broken = (account: Partial<Account>): string[] =>
  verdict({ ...sound, ...account })
    .filter(({ isMet }) => !isMet)
    .map(({ name }) => name)

test("a run that grows only while it warms up is sound", () => {
  expect(broken({})).toEqual([])
})

test("an object left behind by every call breaks the rule for the heap", () => {
  expect(broken({ samples: samples(1000 * 400, 0) })).toEqual(["growth of heap and buffers after warm-up"])
})

test("memory outside of the heap that grows breaks the rule for the resident set", () => {
  expect(broken({ samples: samples(0, 4 * MIB) })).toEqual(["growth of the resident set after warm-up"])
})

test.each<[Partial<Account>, string]>([
  [{ unexpected: ["fetch: 404: success (3)"] }, "unexpected ends, of 1 kinds of calls"],
  [{ samples: samples(0, 0, 1) }, "timers left between rounds, at most"],
  [{ listeners: 1 }, "listeners left on the shared signal"],
  [{ openConnections: 1 }, "connections left on the server"],
  [{ resources: ["Timeout"] }, "other resources left"],
  [{ complaints: ["unhandled rejection: Error"] }, "unhandled rejections, exceptions and warnings"],
  [{ exitCode: undefined }, "the process ends by itself"],
  [{ exitCode: 1 }, "the process ends by itself"],
])("%o breaks one rule", (account, name) => {
  expect(broken(account)).toEqual([name])
})
