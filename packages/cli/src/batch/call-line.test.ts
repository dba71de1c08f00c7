import { expect, test } from "vitest"
import { parseCallLine } from "./call-line.ts"

const parsed = (text: string) => parseCallLine({ number: 7, text })

test("a line that is no object is a URL to GET", () => {
  expect(parsed("/users/7")).toEqual({ line: 7, method: "GET", url: "/users/7", options: {} })
})

test("an object says what to send", () => {
  const line = {
    method: "put",
    url: "/orders/7",
    json: { item: 1 },
    headers: { "x-tenant": "a" },
    query: { dry: true, limit: 5 },
    idempotencyKey: "order-7",
  }
  expect(parsed(JSON.stringify(line))).toEqual({
    line: 7,
    method: "PUT",
    url: "/orders/7",
    options: {
      json: { item: 1 },
      body: undefined,
      form: undefined,
      headers: { "x-tenant": "a" },
      query: { dry: "true", limit: "5" },
      idempotencyKey: "order-7",
    },
  })
})

test.each([
  ['{"url":"/a"}', "GET"],
  ['{"url":"/a","json":null}', "POST"],
  ['{"url":"/a","body":""}', "POST"],
  ['{"url":"/a","form":{"a":"b"}}', "POST"],
  ['{"url":"/a","method":"PURGE"}', "PURGE"],
])("%s is a %s", (text, method) => {
  expect(parsed(text).method).toBe(method)
})

test.each([
  ["POST /orders", '"POST /orders" is neither a URL nor a JSON object; write {"method":"POST"'],
  ['["/a"]', "is neither a URL nor a JSON object"],
  ['"/a"', "is neither a URL nor a JSON object"],
  ["{", "no JSON: "],
  ["{}", '"url" is missing; add it: "url": "/orders"'],
  ['{"url":7}', '"url" is missing'],
  ['{"url":"/a","methd":"POST"}', 'there is no field "methd"; did you mean "method"?'],
  ['{"url":"/a","zzzzzzzz":1}', 'there is no field "zzzzzzzz"; there are method, url, '],
  ['{"url":"/a","method":1}', '"method" is no text; write "POST"'],
  ['{"url":"/a","body":{}}', '"body" is no text; give an object as "json"'],
  ['{"url":"/a","headers":["a: b"]}', '"headers" is no object; write "headers": {"name": "value"}'],
  ['{"url":"/a","headers":{"a":{}}}', '"headers": "a" is no text'],
  ['{"url":"/a","query":null}', '"query" is no object'],
  ['{"url":"/a","idempotencyKey":7}', '"idempotencyKey" is neither a text nor false'],
])("%s is refused with the line and the fix", (text, message) => {
  expect(() => parsed(text)).toThrow(`line 7: ${message}`.slice(0, message.startsWith("is ") ? 7 : undefined))
  expect(() => parsed(text)).toThrow(message)
})

test("of a long line only the beginning is shown", () => {
  expect(() => parsed(`x y${"z".repeat(1000)}`)).toThrow(/^.{60,200}$/)
})
