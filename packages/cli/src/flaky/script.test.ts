import type { Playlist, ReplyStep } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { scriptFromOptions, type ScriptOptions } from "./script.ts"

function playlist(options: ScriptOptions): { steps: readonly ReplyStep[]; then: Playlist["then"] } {
  const { steps, then } = scriptFromOptions(options)["/*"] as { steps: readonly ReplyStep[]; then: Playlist["then"] }
  return { steps, then }
}

const statuses = (options: ScriptOptions): number[] => playlist(options).steps.map(({ status }) => status)

test("without options every request gets a 503 that says why", () => {
  expect(scriptFromOptions({})["/*"]).toMatchObject({
    kind: "reply",
    status: 503,
    headers: { "content-type": "application/problem+json" },
    body: { json: { status: 503, title: "Service Unavailable" } },
  })
})

test("some requests fail and the others succeed", () => {
  const options = { status: "502", times: "2", then: "201", "retry-after": "3", delay: "50ms", body: '{"id":7}' }
  expect(statuses(options)).toEqual([502, 502, 201])
  expect(playlist(options)).toMatchObject({
    steps: [
      { delayMs: 50, headers: { "retry-after": "3" } },
      { delayMs: 50 },
      { delayMs: 50, body: '{"id":7}', headers: { "content-type": "application/json" } },
    ],
    then: "last",
  })
})

test("--repeat begins anew after each success", () => {
  expect(playlist({ times: "1", repeat: true }).then).toBe("repeat")
})

test("a share fails about so often, and the same requests for the same seed", () => {
  const failures = (seed: string): string =>
    statuses({ "fail-share": "0.2", seed })
      .map((status) => (status === 503 ? "x" : "."))
      .join("")
  const count = failures("1").replaceAll(".", "").length
  expect(count).toBeGreaterThan(150)
  expect(count).toBeLessThan(250)
  expect(failures("1")).toBe(failures("1"))
  expect(failures("1")).not.toBe(failures("2"))
  expect(playlist({ "fail-share": "0.2" }).then).toBe("repeat")
})

test.each(["0", "1"])("a share of %s is all or nothing", (share) => {
  expect(new Set(statuses({ "fail-share": share }))).toEqual(new Set([share === "1" ? 503 : 200]))
})

test("plain text is sent as text, and a status without body has none", () => {
  expect(playlist({ times: "1", body: "hello" }).steps[1]).toMatchObject({
    body: "hello",
    headers: { "content-type": "text/plain; charset=utf-8" },
  })
  expect(playlist({ times: "1", then: "204" }).steps[1]).toEqual({ kind: "reply", status: 204 })
})

test.each([
  [{ status: "200" }, '--status is "200"; give a status from 400 to 599'],
  [{ times: "0" }, '--times is "0"; give a whole number from 1 to 10000'],
  [{ times: "1", then: "99" }, '--then is "99"; give a status from 200 to 599'],
  [{ "fail-share": "1.5" }, '--fail-share is "1.5"; give a number from 0 to 1, such as 0.2'],
  [{ "fail-share": "0.1", times: "1" }, "--fail-share and --times both say which requests fail; give one"],
  [{ seed: "1" }, "--seed needs --fail-share"],
  [{ repeat: true }, "--repeat needs --times"],
  [{ then: "200" }, "--then is never reached"],
  [{ body: "x" }, "--body is never sent"],
  [{ times: "1", then: "204", body: "x" }, "a 204 reply has no body"],
  [{ "retry-after": "soon" }, '--retry-after is "soon"; give a whole number from 0'],
  [{ delay: "1" }, '--delay is "1", which is no duration; write 1s or 1ms'],
])("%j is refused", (options, message) => {
  expect(() => scriptFromOptions(options)).toThrow(message)
})
