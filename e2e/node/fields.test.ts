import { fieldValue, startFaultServer, status, type FieldLines } from "@steadfetch/testing/fault-server"
import { steadfetch, type RequestOptions } from "steadfetch"
import { describe, expect, test } from "vitest"
import { makeTransport, transportNames } from "../transports.ts"

interface Sent {
  readonly what: string
  readonly method: string
  readonly options: RequestOptions | (() => RequestOptions)
  readonly expected: Readonly<Record<string, string | undefined>>
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(3)
}

const form = new FormData()
form.append("name", "Ada")
const chunked = { "content-length": undefined, "transfer-encoding": "chunked" }

/** Fields that a request must have, or must not have, whatever sends it. */
const requests: readonly Sent[] = [
  { what: "a GET", method: "GET", options: {}, expected: { "content-length": undefined, "transfer-encoding": undefined, accept: "*/*", "user-agent": "node" } }, // prettier-ignore
  { what: "a POST without a body", method: "POST", options: {}, expected: { "content-length": "0" } },
  { what: "a PUT without a body", method: "PUT", options: {}, expected: { "content-length": "0" } },
  { what: "a DELETE without a body", method: "DELETE", options: {}, expected: { "content-length": undefined } },
  { what: "an empty text", method: "POST", options: { body: "" }, expected: { "content-length": "0" } },
  { what: "a text", method: "POST", options: { body: "héllo" }, expected: { "content-length": "6", "content-type": "text/plain;charset=UTF-8" } }, // prettier-ignore
  { what: "bytes", method: "PUT", options: { body: new Uint8Array(5) }, expected: { "content-length": "5", "content-type": undefined } }, // prettier-ignore
  { what: "JSON", method: "PATCH", options: { json: { a: 1 } }, expected: { "content-length": "7", "content-type": "application/json" } }, // prettier-ignore
  { what: "a Blob", method: "POST", options: { body: new Blob(["abc"], { type: "a/b" }) }, expected: { "content-length": "3", "content-type": "a/b" } }, // prettier-ignore
  { what: "an empty Blob", method: "POST", options: { body: new Blob([]) }, expected: { "content-length": "0" } },
  { what: "a form", method: "POST", options: { form }, expected: { "transfer-encoding": undefined } },
  { what: "a stream", method: "POST", options: () => ({ body: new Blob(["abc"]).stream() }), expected: chunked },
  { what: "a function that opens one", method: "POST", options: { body: pieces }, expected: chunked },
  { what: "own fields", method: "GET", options: { headers: { "User-Agent": "mine/1", Accept: "text/csv", "Accept-Encoding": "identity", "X-Latin": "café" } }, expected: { "user-agent": "mine/1", accept: "text/csv", "accept-encoding": "identity", "x-latin": "café" } }, // prettier-ignore
  { what: "lines of one name", method: "GET", options: { headers: [["x-a", "1"], ["x-a", "2"]] }, expected: { "x-a": "1, 2" } }, // prettier-ignore
  { what: "cookies", method: "GET", options: { headers: [["cookie", "a=1"], ["cookie", "b=2"]] }, expected: { cookie: "a=1; b=2" } }, // prettier-ignore
]

/** A field's value, lines of one name joined (RFC 9110 §5.3). */
function joinedValue(headers: FieldLines, name: string): string | undefined {
  const lines = headers.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value)
  return lines.length === 0 ? undefined : lines.join(", ")
}

describe.each(transportNames)("over %s", (name) => {
  test.each(requests)("$what has the fields that it should have", async ({ method, options, expected }) => {
    await using server = await startFaultServer({ "/": status(204) })
    const api = steadfetch({ baseUrl: server.origin, transport: makeTransport(name) })
    await api.request(method, "/", typeof options === "function" ? options() : options)
    const headers = server.requests[0]?.headers ?? []
    const sent = Object.keys(expected).map((field) => [field, joinedValue(headers, field)])
    expect(Object.fromEntries(sent)).toEqual(expected)
    expect(fieldValue(headers, "host")).toBe(new URL(server.origin).host)
  })

  test("own fields keep their order", async () => {
    await using server = await startFaultServer({ "/": status(204) })
    const api = steadfetch({ baseUrl: server.origin, transport: makeTransport(name), headers: { "x-1": "a" } })
    await api.get("/", { headers: { "x-3": "b", "x-2": "c" } })
    const own = server.requests[0]?.headers.filter(([field]) => field.startsWith("x-"))
    expect(own).toEqual([["x-1", "a"], ["x-3", "b"], ["x-2", "c"]]) // prettier-ignore
  })

  test.each(["expect", "transfer-encoding", "upgrade", "keep-alive"])(
    "the field %s, which is the connection's, is refused at once",
    async (field) => {
      await using server = await startFaultServer({ "/": status(204) })
      const api = steadfetch({ baseUrl: server.origin, transport: makeTransport(name) })
      await expect(api.get("/", { headers: { [field]: "x" } }).json()).rejects.toThrow(field)
      expect(server.requests).toEqual([])
    },
  )

  test("the reply's fields are sorted, joined, and Set-Cookie comes line by line", async () => {
    const headers = { "X-B": ["1", "2"], "Set-Cookie": ["a=1; Path=/", "b=2, c"], "X-A": "café", Date: [] }
    await using server = await startFaultServer({ "/": status(204, { headers }) })
    const reply = await steadfetch({ baseUrl: server.origin, transport: makeTransport(name) }).get("/")
    const fields = [...reply.headers].filter(([field]) => field.startsWith("x-") || field === "set-cookie")
    expect(fields).toEqual([["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2, c"], ["x-a", "café"], ["x-b", "1, 2"]]) // prettier-ignore
    expect(reply.headers.get("SET-COOKIE")).toBe("a=1; Path=/, b=2, c")
    expect(reply.headers.get("x-none")).toBeNull()
  })
})
