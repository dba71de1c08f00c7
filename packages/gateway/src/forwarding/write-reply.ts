import type { ServerResponse } from "node:http"
import { relayedBody, type BodyReader, type FlatFields, type RelayedReplyBody } from "@steadfetch/node"
import type { Clock, ReplyBody } from "steadfetch"
import { endToEnd } from "./reply-fields.ts"

/** How a reply is passed on. */
export interface Passing {
  readonly clock: Clock
  /** A caller that leaves a reply unread for so many milliseconds is not waited for. */
  readonly unreadMs: number
  /** Told why a reply was not passed on whole, where that is not the caller's doing. */
  readonly onBroken: (why: string) => void
}

/**
 * Writes a reply: each piece as it comes, no faster than the caller reads. A body that breaks off ends the connection, so
 * that the caller cannot take what it has for all there is.
 */
export function writeReply(
  res: ServerResponse,
  status: number,
  fields: string[],
  body: ReplyBody,
  passing: Passing,
): void {
  res.writeHead(status, fields)
  const relayed = relayedBody(body)
  if (body.bytes !== undefined) {
    addTrailers(res, relayed?.trailers ?? [])
    res.end(body.bytes)
  } else if (relayed !== undefined) relay(res, relayed, passing)
  else throw new TypeError("the body is a stream that no relay made")
}

function relay(res: ServerResponse, body: RelayedReplyBody, { clock, unreadMs, onBroken }: Passing): void {
  let hasWritten = false
  let isWaiting = false
  const reader: BodyReader = {
    take(piece) {
      hasWritten = true
      if (res.write(piece)) return true
      if (res.destroyed || isWaiting) return false
      isWaiting = true
      const stopWaiting = clock.after(unreadMs, () => {
        onBroken("unread")
        res.destroy()
      })
      const goOn = (): void => {
        isWaiting = false
        stopWaiting()
        res.off("drain", goOn).off("close", goOn)
        body.resume()
      }
      res.once("drain", goOn).once("close", goOn)
      return false
    },
    end(trailers) {
      addTrailers(res, trailers)
      res.end()
    },
    fail({ code }) {
      if (code !== "aborted") onBroken(`upstream-${code}`)
      res.destroy()
    },
  }
  body.readBy(reader)
  // A head goes out with the first piece of its body, in one packet, but does not wait for it.
  setImmediate(() => {
    if (!hasWritten && !res.writableEnded) res.flushHeaders()
  })
}

/** Only a chunked body has a place for them (RFC 9112 §7.1.2); else they are dropped, as RFC 9110 §6.5.1 allows. */
function addTrailers(res: ServerResponse, trailers: FlatFields): void {
  if (trailers.length === 0 || !res.chunkedEncoding) return
  const passed = endToEnd(trailers)
  const pairs: [string, string][] = []
  for (let index = 0; index < passed.length; index += 2) pairs.push([passed[index] ?? "", passed[index + 1] ?? ""])
  res.addTrailers(pairs)
}
