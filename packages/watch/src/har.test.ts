import { expect, test } from "vitest"
import { toHar } from "./har.ts"
import type { CallStory } from "./story.ts"

const call: CallStory = {
  id: 7,
  method: "GET",
  url: "https://api.test/users?page=2&key=REDACTED",
  origin: "https://api.test",
  startedAt: 1000,
  attemptCount: 2,
  remarks: [],
  durationMs: 500,
  status: 200,
  verdict: "accept",
  attempts: [
    { number: 1, method: "GET", url: "https://api.test/users?page=2&key=REDACTED", startedAt: 1000, durationMs: 20, failure: "reset", message: "broke off", waitMs: 400, why: "backoff" },
    { number: 2, method: "GET", url: "https://api.test/users?page=2&key=REDACTED", startedAt: 1420, durationMs: 80, status: 200 },
  ],
} // prettier-ignore

const har = (calls: readonly CallStory[]) => JSON.parse(JSON.stringify(toHar(calls, "1.2.3")))

test("a call is a page, and each attempt an entry of it, in the order of time", () => {
  const { log } = har([{ ...call, id: 8, startedAt: 2000, attempts: [] }, call])
  expect(log).toMatchObject({ version: "1.2", creator: { name: "steadfetch watch", version: "1.2.3" } })
  expect(log.pages.map(({ id }: { id: string }) => id)).toEqual(["call-8", "call-7"])
  expect(log.entries).toMatchObject([
    { pageref: "call-7", startedDateTime: "1970-01-01T00:00:01.000Z", time: 20, response: { status: 0 }, _failure: "reset" },
    { pageref: "call-7", time: 80, response: { status: 200, statusText: "OK" }, timings: { send: 0, wait: 80, receive: 0 } },
  ]) // prettier-ignore
  expect(log.entries[0]).toMatchObject({ _attempt: 1, _message: "broke off", _waitMs: 400, _why: "backoff" })
})

test("every entry has the members that HAR 1.2 requires", () => {
  for (const { request, response, cache, timings } of har([call]).log.entries) {
    const message = ["httpVersion", "cookies", "headers", "headersSize", "bodySize"]
    expect(Object.keys(request)).toEqual(expect.arrayContaining(["method", "url", "queryString", ...message]))
    expect(Object.keys(response)).toEqual(
      expect.arrayContaining(["status", "statusText", "content", "redirectURL", ...message]),
    )
    expect([cache, Object.keys(timings)]).toEqual([{}, ["send", "wait", "receive"]])
  }
  expect(har([call]).log.entries[0].request.queryString).toEqual([
    { name: "page", value: "2" },
    { name: "key", value: "REDACTED" },
  ])
})

test("a call under way has no end, and a URL that is none has no query", () => {
  const { log } = har([{ ...call, durationMs: undefined, attempts: [{ number: 1, method: "GET", url: "not a url?a=b", startedAt: 1 }] }]) // prettier-ignore
  expect([log.pages[0].pageTimings.onLoad, log.entries[0].time, log.entries[0].request.queryString]).toEqual([
    -1,
    0,
    [],
  ])
})
