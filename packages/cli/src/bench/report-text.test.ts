import { expect, test } from "vitest"
import { plain, type Paint } from "../paint.ts"
import { reportText } from "./report-text.ts"
import { mixed, reportOf } from "./test-report.ts"

test("a report tells amounts, latencies, how the calls ended, and what it means", () => {
  expect(`\n${reportText(mixed, plain)}`).toBe(`
GET http://localhost:3000/orders  10 at a time, 10 s

calls          1,000  100/s, 10 s in all
attempts       1,060  1.06 per call
received      1.5 MB  150 kB/s
waits             60  31 s in all, 8 asked for by the server
cut off            3  under way when it was interrupted, not counted

latency          p50       p90       p99     p99.9       max
calls        1.23 ms   2.35 ms   45.7 ms    512 ms     1.2 s
attempts     1.23 ms   2.35 ms   45.7 ms    512 ms     1.2 s

accepted at once                960   96.0 %
accepted after a retry           21    2.1 %
to be corrected                  12    1.2 %
  404 Not Found                  12
    no such order
    no such\ufffd[2J item
retries exhausted                 5    0.5 %
  503 Service Unavailable         5
    Down for maintenance.
no reply                          2    0.2 %
  reset                           2
    read ECONNRESET

2.1 % of the calls were saved by a retry; without retries 28 of 1,000 calls would have failed, with them 7 did.
The server refused 12 of 1,000 calls (4xx): the request has to change, and sending it again would not help.
4 calls ended without a further attempt because the retry budget was spent: so much failed that retries would only have been more load.
`)
})

test("calls of a schedule that came late are told", () => {
  const text = reportText(reportOf({ schedule: { late: 120, longestLateMs: 870, missed: 0 } }), plain)
  expect(text).toContain("\nlate             120  had to wait for others to end, up to 870 ms\n")
})

test("what there was none of has no line", () => {
  const lines = reportText(reportOf(), plain).split("\n")
  expect(lines.filter((line) => /waits|^late |cut off|corrected|exhausted|no reply|after a retry/.test(line))).toEqual(
    [],
  )
})

test("the first line says how it was loaded", () => {
  const { load } = reportOf()
  const first = (given: Partial<typeof load>): string | undefined =>
    reportText(reportOf({ load: { ...load, ...given } }), plain).split("\n")[0]
  expect(first({ model: "open", perSecond: 1.5, concurrency: 100 })).toContain("  1.5/s, at most 100 at a time, 10 s")
  expect(first({ durationMs: null, requests: 5000, retries: false })).toContain(
    "  10 at a time, 5,000 calls, without retries",
  )
})

test("of nothing there is only to say why", () => {
  const nothing = reportOf({
    end: "interrupted",
    calls: { count: 0, perSecond: 0, cut: 10 },
    attempts: { count: 0, perCall: 0 },
    latencyMs: { calls: null, attempts: null },
    accepted: { atOnce: 0, afterRetry: 0, statuses: {} },
  })
  const text = reportText(nothing, plain)
  expect(text).toContain("Nothing was measured: no call had ended when it was interrupted.")
  expect(text).not.toMatch(/latency|NaN/)
})

test("ends have the colours that their statuses have elsewhere", () => {
  const paint: Paint = (style, text) => `<${style}>${text.trim()}</>`
  const text = reportText(mixed, paint)
  for (const shown of [
    "<green>accepted at once</>",
    "<yellow>404 Not Found</>",
    "<red>503 Service Unavailable</>",
    "<red>reset</>",
  ])
    // prettier-ignore
    expect(text).toContain(shown)
})
