import type { Inbox } from "./inbox.ts"
import { MalformedRequest, type BodyFraming } from "./request-head.ts"

const LONGEST_LINE_BYTES = 4096

/**
 * Reads a request's body and hands its bytes on as they come; false when the client leaves before its end.
 * @throws {MalformedRequest} when its chunks are none
 */
export async function readBody(inbox: Inbox, framing: BodyFraming, use: (bytes: Uint8Array) => void): Promise<boolean> {
  return framing === "chunked" ? readChunks(inbox, use) : readBytes(inbox, framing.lengthBytes, use)
}

async function readBytes(inbox: Inbox, lengthBytes: number, use: (bytes: Uint8Array) => void): Promise<boolean> {
  for (let left = lengthBytes; left > 0;) {
    const bytes = inbox.take(left)
    if (bytes.length > 0) use(bytes)
    left -= bytes.length
    if (left > 0 && !(await inbox.more())) return false
  }
  return true
}

async function readChunks(inbox: Inbox, use: (bytes: Uint8Array) => void): Promise<boolean> {
  for (;;) {
    const line = await readLine(inbox)
    if (line === undefined) return false
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line)?.[1]
    if (size === undefined) throw new MalformedRequest(400, `${JSON.stringify(line.slice(0, 80))} is no chunk size.`)
    const lengthBytes = Number.parseInt(size, 16)
    if (lengthBytes === 0) return readTrailers(inbox)
    if (!(await readBytes(inbox, lengthBytes, use))) return false
    const ending = await readLine(inbox)
    if (ending === undefined) return false
    if (ending !== "") throw new MalformedRequest(400, `A chunk of ${lengthBytes} bytes does not end after them.`)
  }
}

async function readTrailers(inbox: Inbox): Promise<boolean> {
  for (;;) {
    const line = await readLine(inbox)
    if (line === undefined) return false
    if (line === "") return true
  }
}

async function readLine(inbox: Inbox): Promise<string | undefined> {
  for (;;) {
    const end = inbox.waiting.indexOf("\r\n")
    if (end > LONGEST_LINE_BYTES || (end < 0 && inbox.waiting.length > LONGEST_LINE_BYTES)) {
      throw new MalformedRequest(400, `A line of the chunked body is longer than ${LONGEST_LINE_BYTES} bytes.`)
    }
    if (end >= 0) return inbox.take(end + 2).toString("latin1", 0, end)
    if (!(await inbox.more())) return undefined
  }
}
