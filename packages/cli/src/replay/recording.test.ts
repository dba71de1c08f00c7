import { expect, test } from "vitest"
import { recordedCalls } from "./recording.ts"

const har = (...entries: unknown[]) => ({ log: { version: "1.2", entries } })
const entry = (request: object = {}, others: object = {}) => ({
  startedDateTime: "2026-11-30T08:15:00.500+01:00",
  time: 12.5,
  request: { method: "GET", url: "https://api.example.com/users", ...request },
  response: { status: 200, content: { mimeType: "application/json" } },
  ...others,
})

test("an entry is read with what is needed to make the call again, and to compare", () => {
  const headers = [{ name: "Accept", value: "*/*" }]
  const postData = {
    mimeType: "application/x-www-form-urlencoded",
    text: "",
    params: [
      { name: "a", value: "b" },
      { name: "file", fileName: "a.txt", contentType: "text/plain" },
    ],
  }
  const [, call] = recordedCalls(har(entry(), entry({ method: "post", headers, postData, bodySize: 3 })))
  expect(call).toEqual({
    entry: 1,
    startedAt: Date.UTC(2026, 10, 30, 7, 15, 0, 500),
    method: "POST",
    url: "https://api.example.com/users",
    headers: [["Accept", "*/*"]],
    body: {
      mimeType: "application/x-www-form-urlencoded",
      text: "",
      encoding: "",
      params: [
        { name: "a", value: "b", fileName: "", contentType: "" },
        { name: "file", value: undefined, fileName: "a.txt", contentType: "text/plain" },
      ],
    },
    bodyBytes: 3,
    status: 200,
    durationMs: 12.5,
    replyType: "application/json",
    attemptOf: undefined,
    urlIsCut: false,
  })
})

test("what is not known is undefined: no reply, no time, a body of unknown size", () => {
  const [call] = recordedCalls(har(entry({ bodySize: -1 }, { time: -1, response: { status: 0, content: {} } })))
  expect(call).toMatchObject({ status: undefined, durationMs: undefined, bodyBytes: undefined, body: undefined })
})

test.each([["encoding"], ["_encoding"]])("a body in base64 is known by its %s", (name) => {
  const postData = { mimeType: "image/png", text: "AAE=", [name]: "base64" }
  expect(recordedCalls(har(entry({ method: "PUT", postData })))[0]?.body).toMatchObject({ encoding: "base64" })
})

test("null stands for what is left out, and versions before 1.2 are read", () => {
  const given = entry({ headers: null, postData: null, bodySize: null }, { response: null, time: null })
  expect(recordedCalls({ log: { version: "1.1", entries: [given] } })).toHaveLength(1)
  expect(recordedCalls({ log: { entries: [] } })).toEqual([])
})

test.each([
  [7, "the file is no object"],
  [[], "the file is no object"],
  [{}, 'log is missing; give a HAR, which is {"log": {"entries": […]}}'],
  [{ log: [] }, "log is no object"],
  [{ log: {} }, "log.entries is missing"],
  [{ log: { entries: {} } }, "log.entries is no list"],
  [{ log: { version: "2.0", entries: [] } }, 'log.version is "2.0"; this reads HAR 1.2'],
  [har("x"), "log.entries[0] is no object"],
  [har(entry(), {}), /^log\.entries\[1\]\.request is missing$/],
  [har(entry({ method: undefined })), "log.entries[0].request.method is missing"],
  [har(entry({ method: "GET /" })), "log.entries[0].request.method is no method, such as GET"],
  [har(entry({ url: 7 })), "log.entries[0].request.url is no text"],
  [har(entry({ url: "/users?key=hush" })), "log.entries[0].request.url is no absolute URL"],
  [har(entry({ headers: {} })), "log.entries[0].request.headers is no list"],
  [
    har(entry({ headers: [{ name: "a", value: "b" }, { value: "hush" }] })),
    "log.entries[0].request.headers[1].name is missing",
  ],
  [har(entry({ headers: [{ name: "a", value: ["hush"] }] })), "log.entries[0].request.headers[0].value is no text"],
  [har(entry({ bodySize: "3" })), "log.entries[0].request.bodySize is no number"],
  [har(entry({ postData: "hush" })), "log.entries[0].request.postData is no object"],
  [
    har(entry({ postData: { text: "hush", encoding: "rot13" } })),
    "log.entries[0].request.postData.encoding is neither base64 nor left out",
  ],
  [
    har(entry({ postData: { params: [{ value: "hush" }] } })),
    "log.entries[0].request.postData.params[0].name is missing",
  ],
  [
    har(entry({}, { startedDateTime: "yesterday" })),
    "log.entries[0].startedDateTime is no time; write it like 2026-11-30T08:15:00.000Z",
  ],
  [har(entry({}, { startedDateTime: undefined })), "log.entries[0].startedDateTime is missing"],
  [har(entry({}, { time: "12" })), "log.entries[0].time is no number"],
  [har(entry({}, { response: { status: "200" } })), "log.entries[0].response.status is no number"],
])("%j is refused with the place", (given, message) => {
  expect(() => recordedCalls(given)).toThrow(message)
  expect(() => recordedCalls(given)).not.toThrow("hush")
})
