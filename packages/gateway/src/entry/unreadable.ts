import type { Server } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { problemMessage, type Problem } from "../problem.ts"
import type { Turns } from "./turns.ts"

/** Answers what is no request that can be read, and ends its connection: what follows on it cannot be made sense of. */
export function answerUnreadable(
  server: Server,
  turns: Turns,
  tell: (problem: Problem, caller: string | undefined) => void,
): void {
  const answer = (socket: Duplex, problem: Problem): void => {
    const res = turns.last(socket)
    // Behind a request that is whole: no reply takes the place of that one's, which is the last on its connection.
    if (res?.req.complete === true && !res.headersSent) res.shouldKeepAlive = false
    // Bytes in the midst of another reply would become a part of it.
    else if (res !== undefined && (res.socket !== socket || res.headersSent)) socket.destroy()
    else {
      tell(problem, socket instanceof Socket ? socket.remoteAddress : undefined)
      socket.end(problemMessage(problem), () => socket.destroy())
    }
  }

  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // Who opened a connection ahead of a request could take a 408 for the reply to it.
    const isUnused = socket instanceof Socket && socket.bytesRead === 0
    if (error.code === "ECONNRESET" || !socket.writable || isUnused) socket.destroy()
    else answer(socket, problemOf(error))
  })
  server.on("connect", (_req, socket: Duplex) => {
    const detail =
      "This is a gateway to certain servers and opens no tunnels. Send the request itself, to a path of the gateway."
    socket.on("error", () => {})
    answer(socket, { status: 501, code: "connect", detail })
  })
}

function problemOf({ code, message }: NodeJS.ErrnoException): Problem {
  if (code === "HPE_HEADER_OVERFLOW") {
    const detail =
      "The head of the request is longer than the gateway takes. Send less, or raise limits.headBytes in its configuration."
    return { status: 431, code: "head-too-long", detail }
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    const detail =
      "The request did not arrive in time. Send it faster, or raise limits.headMs or limits.requestMs in the gateway's configuration."
    return { status: 408, code: "request-timeout", detail }
  }
  const detail = `This is no HTTP/1.1 request: ${message.replace(/^Parse Error: /, "")}. Correct the client.`
  return { status: 400, code: "unreadable", detail }
}
