import { describe, expect, test } from "vitest"
import { RequestReader } from "./request-reader.ts"

const get = "GET /small HTTP/1.1\r\nhost: a\r\n\r\n"
const post = `POST /small HTTP/1.1\r\nContent-Length: 5\r\n\r\n"\u00e9"!`

describe("reading requests", () => {
  test("a request that arrives in pieces is told once, when its last byte is there", () => {
    const reader = new RequestReader()
    const pieces = [...Buffer.from(post, "utf8")].map((byte) => reader.push(Buffer.from([byte])))
    expect(pieces.flat()).toEqual(["POST /small"])
    expect(pieces.at(-1)).toEqual(["POST /small"])
  })

  test("several requests in one piece are told in order", () => {
    expect(new RequestReader().push(Buffer.from(get + post + get))).toEqual(["GET /small", "POST /small", "GET /small"])
  })

  test("a body whose length is not given is refused", () => {
    const chunked = "POST /small HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    expect(() => new RequestReader().push(Buffer.from(chunked))).toThrow("without Content-Length")
  })
})
