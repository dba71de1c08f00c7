import { buffer } from "node:stream/consumers"
import type { BodyContent, BodySource, HeaderList } from "steadfetch"
import { expect, test } from "vitest"
import { dispatchOptions } from "./dispatch-options.ts"

function optionsFor(url: string, headers: HeaderList = [], content?: BodyContent) {
  const body: BodySource | null =
    content === undefined ? null : { replayable: true, length: undefined, open: () => content }
  return dispatchOptions({ method: "PUT", url, headers, body }, () => {})
}

test.each([
  ["http://a.test", "http://a.test", "/"],
  ["http://a.test/", "http://a.test", "/"],
  ["https://a.test:8443/x/y?q=1&r=/2", "https://a.test:8443", "/x/y?q=1&r=/2"],
  ["http://a.test?q=1", "http://a.test", "/?q=1"],
  ["http://[::1]:80/x", "http://[::1]:80", "/x"],
  ["http://a.test/x?q=1#part?/", "http://a.test", "/x?q=1"],
  ["http://a.test#part", "http://a.test", "/"],
])("%s is at the origin %s, with the path %s", (url, origin, path) => {
  expect(optionsFor(url)).toMatchObject({ origin, path })
})

test("the time limits of undici are off, since those of the policies count", () => {
  expect(optionsFor("http://a.test")).toMatchObject({ headersTimeout: 0, bodyTimeout: 0 })
})

test("fields keep their order, and what the request does not say comes after them", () => {
  const headers: HeaderList = [
    ["x-two", "2"],
    ["accept", "text/plain"],
    ["x-one", "1"],
  ]
  expect(optionsFor("http://a.test", headers).headers).toEqual(
    ["x-two", "2", "accept", "text/plain", "x-one", "1", "user-agent", "node", "accept-encoding", "gzip, deflate, br, zstd"], // prettier-ignore
  )
})

test("fields of the request take the place of the usual ones, also when a value is the name of one", () => {
  const headers: HeaderList = [
    ["user-agent", "accept"],
    ["accept-encoding", "identity"],
  ]
  expect(optionsFor("http://a.test", headers).headers).toEqual([...headers.flat(), "accept", "*/*"])
})

test("cookies go in one line, other fields of one name in lines of their own", () => {
  const headers: HeaderList = [
    ["cookie", "a=1"],
    ["x-list", "1"],
    ["cookie", "b=2"],
    ["x-list", "2"],
  ]
  expect(optionsFor("http://a.test", headers).headers).toEqual(
    expect.arrayContaining(["cookie", "a=1; b=2", "x-list", "1", "x-list", "2"]),
  )
  expect(optionsFor("http://a.test", headers).headers).not.toContain("b=2")
})

test("text and bytes are handed over as they are, a Blob in pieces and with its length", async () => {
  const bytes = new Uint8Array([1, 2, 3])
  expect(optionsFor("http://a.test", [], "text").body).toBe("text")
  expect(optionsFor("http://a.test", [], bytes).body).toBe(bytes)
  const { body, headers } = optionsFor("http://a.test", [], new Blob([bytes]))
  expect(headers).toEqual(expect.arrayContaining(["content-length", "3"]))
  expect(await buffer(body as unknown as AsyncIterable<Uint8Array>)).toEqual(Buffer.from(bytes))
})

test("what a body's source throws is told apart from what the connection does", async () => {
  const defects: unknown[] = []
  const error = new Error("disk error")
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1)
    throw error
  }
  const request = {
    method: "PUT",
    url: "http://a.test/",
    headers: [],
    body: { replayable: true, length: undefined, open },
  }
  const { body } = dispatchOptions(request, (defect) => defects.push(defect))
  await expect(buffer(body as unknown as AsyncIterable<Uint8Array>)).rejects.toBe(error)
  expect(defects).toEqual([error])
})
