import { expect, test } from "vitest"
import { meaning } from "./meaning.ts"
import type { Report } from "./report.ts"
import { reportOf } from "./test-report.ts"

const none = { atOnce: 0, afterRetry: 0, statuses: {} }
const { load, generator } = reportOf()

test.each<[string, Partial<Report>, string[]]>([
  ["all is well", {}, ["All 1,000 calls succeeded at once."]],
  [
    "there was one",
    { calls: { count: 1, perSecond: 1, cut: 0 }, accepted: { ...none, atOnce: 1 } },
    ["The one call succeeded at once."],
  ],
  [
    "retries saved some",
    { accepted: { atOnce: 979, afterRetry: 21, statuses: { 200: 1000 } } },
    ["2.1 % of the calls were saved by a retry; without retries 21 of 1,000 calls would have failed."],
  ],
  [
    "retries saved one of very many",
    { calls: { count: 50_000, perSecond: 1, cut: 0 }, accepted: { ...none, atOnce: 49_999, afterRetry: 1 } },
    ["Less than 0.1 % of the calls were saved by a retry; without retries 1 of 50,000 calls would have failed."],
  ],
  [
    "retries saved none",
    { accepted: { ...none, atOnce: 990 }, exhausted: [{ status: 500, count: 10, messages: [] }] },
    ["1 % of the calls failed, and retries saved none: 10 of 1,000 calls."],
  ],
  [
    "there were no retries",
    {
      load: { ...load, retries: false },
      accepted: { ...none, atOnce: 967 },
      exhausted: [{ status: 503, count: 30, messages: [] }],
      noReply: [{ reason: "reset", count: 3, messages: [] }],
      endings: { off: 33 },
    },
    ["3.3 % of the calls failed in a way that commonly passes (5xx or no reply): 33 of 1,000 calls. Nothing was tried again."], // prettier-ignore
  ],
  [
    "nobody is there",
    { accepted: none, noReply: [{ reason: "refused", count: 1000, messages: [] }], endings: { budget: 990 } },
    ["No call got a reply; is the server running at http://localhost:3000/orders?"],
  ],
  [
    "each is wrong",
    { accepted: none, correct: [{ status: 401, count: 1000, messages: [] }] },
    [
      "None of 1,000 calls was accepted.",
      "The server refused 1,000 of 1,000 calls (4xx): the request has to change, and sending it again would not help.",
    ],
  ],
  [
    "redirects came",
    { accepted: { ...none, atOnce: 1000, statuses: { 200: 999, 301: 1 } } },
    [
      "All 1,000 calls succeeded at once.",
      "1 call ended with a redirect, which is not followed: it would load another address.",
    ],
  ],
  [
    "the server asked for a pause",
    { pausedMs: 3000 },
    ["All 1,000 calls succeeded at once.", "Nothing began for 3 s, because the server asked for that (Retry-After)."],
  ],
  [
    "the server did not keep up",
    {
      load: { ...load, model: "open", perSecond: 200, concurrency: 100 },
      schedule: { late: 900, longestLateMs: 4000, missed: 800 },
    },
    [
      "All 1,000 calls succeeded at once.",
      "The server did not keep up with 200/s: 800 calls never began, as 100 were under way all the time. Lower --rate, or raise --concurrency if the server bears it.",
    ],
  ],
  [
    "the command was busy",
    { generator: { ...generator, busyShare: 0.97 } },
    [
      "All 1,000 calls succeeded at once.",
      "This command itself was the limit: it was busy 97 % of the time. The server may do more than this says; load it from several machines at once.",
    ],
  ],
  [
    "the command was late",
    { generator: { ...generator, delayP99Ms: 34 } },
    [
      "All 1,000 calls succeeded at once.",
      "This command was up to 34 ms late itself: the longest latencies are not the server's alone. Leave its machine to it, or lower --concurrency or --rate.",
    ],
  ],
])("when %s, it says so", (_, given, sentences) => {
  expect(meaning(reportOf(given))).toEqual(sentences)
})

test.each([
  ["interrupted", "Nothing was measured: it was interrupted before the first call."],
  ["paused", "Nothing was measured: the server asked for a pause before the first call."],
] as const)("of nothing, when it was %s, there is only that to say", (end, sentence) => {
  expect(meaning(reportOf({ end, calls: { count: 0, perSecond: 0, cut: 0 } }))).toEqual([sentence])
})
