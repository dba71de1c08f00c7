import { expect, test } from "vitest"
import { repeatedBody } from "./body.ts"
import type { RecordedBody } from "./recording.ts"
import { recordedCall } from "./test-recording.ts"

const post = (body: Partial<RecordedBody>, headers: [string, string][] = [], method = "POST") =>
  repeatedBody(recordedCall({ method, headers, body: { mimeType: "", text: "", encoding: "", params: [], ...body } }))
const field = (name: string, value?: string, fileName = "", contentType = "") => ({
  name,
  value,
  fileName,
  contentType,
})

/** The text and the media type of a body that is sent as it is. */
function sent(given: ReturnType<typeof repeatedBody>) {
  if ("lacking" in given) throw new Error(given.lacking)
  const { body, contentType } = given
  return [body instanceof Uint8Array ? Buffer.from(body).toString("latin1") : body, contentType]
}

test("a text is sent to the byte, with the type of its header field before that of the recording", () => {
  const json = '{ "name": "Zoë" }'
  const latin1 = Buffer.from(json).toString("latin1")
  expect(sent(post({ text: json, mimeType: "application/json" }))).toEqual([latin1, "application/json"])
  const headers: [string, string][] = [
    ["Content-Type", "application/json; v=2"],
    ["Content-Length", "18"],
  ]
  expect(sent(post({ text: json, mimeType: "application/json" }, headers))).toEqual([latin1, "application/json; v=2"])
  expect(sent(post({ text: "a" }))).toEqual(["a", undefined])
})

test("base64 is decoded", () => {
  expect(sent(post({ text: "AP8=", encoding: "base64", mimeType: "image/png" }))).toEqual(["\u0000\u00ff", "image/png"])
})

test("a form that was recorded as text and as fields is sent as the text", () => {
  const mimeType = "application/x-www-form-urlencoded"
  expect(sent(post({ mimeType, text: "a=b%20c", params: [field("a", "b c")] }))).toEqual(["a=b%20c", mimeType])
})

test("a form that was recorded as fields alone is written anew", () => {
  const mimeType = "application/x-www-form-urlencoded; charset=UTF-8"
  const [body, contentType] = sent(post({ mimeType, params: [field("a", "b c"), field("a", "&"), field("e")] }))
  expect([String(body as URLSearchParams), contentType]).toEqual([
    "a=b+c&a=%26&e=",
    "application/x-www-form-urlencoded",
  ])
})

test("a multipart form that was recorded as fields gets a boundary of its own, so its old type is gone", async () => {
  const params = [
    field("title", "Report"),
    field("file", "a,b\n", "a.csv", "text/csv"),
    field("meta", "{}", "", "application/json"),
  ]
  const [body, contentType] = sent(post({ mimeType: "multipart/form-data; boundary=x", params }))
  expect(contentType).toBeUndefined()
  const form = body as FormData
  expect(form.get("title")).toBe("Report")
  const file = form.get("file") as File
  expect([file.name, file.type, await file.text()]).toEqual(["a.csv", "text/csv", "a,b\n"])
  expect(form.get("meta")).toMatchObject({ type: "application/json" })
})

test("a multipart text is sent as it is, with its boundary", () => {
  const text = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
  expect(sent(post({ mimeType: "multipart/form-data; boundary=x", text }))[0]).toBe(text)
})

test.each([
  [post({ mimeType: "multipart/form-data", text: "--x" }), "is multipart without its boundary"],
  [
    post({ mimeType: "multipart/form-data", params: [field("f", undefined, "a.txt")] }),
    "has a file whose content is not in the recording",
  ],
  [
    post({ mimeType: "multipart/form-data; boundary=x", text: "--x", params: [field("f", "", "a.txt")] }),
    "has a file whose content is not in the recording",
  ],
  [post({ mimeType: "application/json", params: [field("a", "b")] }), "has fields, and is no form"],
  [post({ text: "\ufffdPNG" }), "is no text, and was recorded as one"],
  [post({ text: "abc" }, [["content-length", "5"]]), "had 5 bytes, of which the recording has 3"],
  [
    post({ text: "abc" }, [
      ["Content-Encoding", "gzip"],
      ["Content-Length", "23"],
    ]),
    "was compressed, and was recorded as text",
  ],
  [post({ text: "abc" }, [], "GET"), "is that of a GET request, which has none"],
])("%j cannot be sent again", (given, lacking) => {
  expect(given).toEqual({ lacking })
})

test("a body that was sent and not recorded is missed", () => {
  const call = (given: object) => repeatedBody(recordedCall({ method: "POST", ...given }))
  const missed = { lacking: "is not in the recording" }
  expect(call({ bodyBytes: 5 })).toEqual(missed)
  expect(call({ bodyBytes: undefined })).toEqual(missed)
  expect(call({ bodyBytes: 0, headers: [["content-length", "5"]] })).toEqual(missed)
  const none = { body: undefined, contentType: undefined }
  expect(call({ bodyBytes: 0 })).toEqual(none)
  expect(call({ bodyBytes: undefined, headers: [["Content-Length", "0"]] })).toEqual(none)
  expect(call({ bodyBytes: undefined, method: "DELETE" })).toEqual(none)
  expect(call({ bodyBytes: -1, method: "GET" })).toEqual(none)
})
