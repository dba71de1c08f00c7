import { expect, test } from "vitest"
import { Inbox } from "./inbox.ts"
import { readBody } from "./request-body.ts"
import { readHead } from "./request-head.ts"

const STREAM = [
  "\r\nPOST /a?x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n4;ext=1\r\nab\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
  "PUT http://h/b?y HTTP/1.0\r\nEmpty:\r\nContent-Length: 3\r\n\r\n\r\n!",
  "OPTIONS * HTTP/1.1\r\n\r\n",
].join("")

const READ = [
  ["POST", "/a", "ab\r\n0123456789", true],
  ["PUT", "/b", "\r\n!", true],
  ["OPTIONS", "*", "", true],
]

async function readAll(inbox: Inbox): Promise<unknown[]> {
  const requests: unknown[] = []
  for (;;) {
    const head = await readHead(inbox, 1000)
    if (head === undefined) return requests
    let body = ""
    const complete = await readBody(inbox, head.framing, (bytes) => (body += Buffer.from(bytes).toString("latin1")))
    requests.push([head.method, head.path, body, complete])
  }
}

test("requests are read the same wherever the network splits them", async () => {
  for (let at = 0; at <= STREAM.length; at += 1) {
    const inbox = new Inbox(() => {})
    const reading = readAll(inbox)
    inbox.push(Buffer.from(STREAM.slice(0, at)))
    await Promise.resolve()
    inbox.push(Buffer.from(STREAM.slice(at)))
    inbox.end()
    expect(await reading).toEqual(READ)
  }
})

test("requests are read the same when they come byte by byte", async () => {
  const inbox = new Inbox(() => {})
  const reading = readAll(inbox)
  for (const byte of Buffer.from(STREAM)) {
    inbox.push(Buffer.from([byte]))
    await Promise.resolve()
  }
  inbox.end()
  expect(await reading).toEqual(READ)
})

test("a stream that ends anywhere yields the requests whose heads were complete, the last body perhaps not", async () => {
  for (let at = 0; at < STREAM.length; at += 1) {
    const inbox = new Inbox(() => {})
    inbox.push(Buffer.from(STREAM.slice(0, at)))
    inbox.end()
    const requests = await readAll(inbox)
    expect(requests.slice(0, -1)).toEqual(READ.slice(0, Math.max(0, requests.length - 1)))
  }
})

test("a sender is held up while too much waits, and let go on when it is read", () => {
  let open = true
  const inbox = new Inbox((flowing) => (open = flowing))
  inbox.push(Buffer.alloc(300_000))
  expect(open).toBe(false)
  inbox.take(100_000)
  expect(open).toBe(true)
})
