import { STATUS_CODES } from "node:http"
import type { FlatFields } from "@steadfetch/node"
import type { Exchange } from "steadfetch"
import type { Waiting } from "./forward.ts"
import { endToEnd } from "./reply-fields.ts"

/**
 * Passes interim replies on (RFC 9110 §15.2), such as 103 Early Hints: to the socket itself, as Node writes only some of
 * them, and only while it is the caller's turn and no final reply has begun.
 */
export function interimPasser(waiting: Waiting): (exchange: Exchange, status: number, fields: FlatFields) => void {
  return ({ record }, status, fields) => {
    const res = waiting.get(record)
    // RFC 9110 §15.2: HTTP/1.0 has none. 101 is the connection's own affair.
    if (res === undefined || res.headersSent || res.req.httpVersion !== "1.1" || status < 102) return
    const passed = endToEnd(fields)
    const lines = passed.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`))
    res.socket?.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Interim"}\r\n${lines.join("")}\r\n`, "latin1")
  }
}
