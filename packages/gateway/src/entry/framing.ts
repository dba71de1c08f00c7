import type { Problem } from "../problem.ts"
import { valuesOf, type RawFields } from "./raw-fields.ts"

const FIX = "Correct the client: such a request can mean two things to two servers."

const refused = (detail: string): Problem => ({ status: 400, code: "bad-framing", detail: `${detail} ${FIX}` })

/**
 * Refuses a head that Node's parser lets pass and that another server could read in another way (RFC 9112 §11.2).
 * Most of what is wrong with framing the parser itself refuses, before this.
 */
export function framingProblem(raw: RawFields, httpVersion: string): Problem | undefined {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") {
    return { status: 505, code: "http-version", detail: "The gateway speaks HTTP/1.1. Send the request in that." }
  }
  const codings = valuesOf(raw, "transfer-encoding")
  const lengths = valuesOf(raw, "content-length")
  if (codings.length + lengths.length > 1) return refused("The request says more than once how long its body is.")
  if (codings.length === 1 && httpVersion !== "1.1") return refused("Transfer-Encoding is no part of HTTP/1.0.")
  const [coding] = codings
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    const detail = "The gateway knows no transfer coding but chunked. Send the body with that, or with Content-Length."
    return { status: 501, code: "transfer-coding", detail }
  }
  const [length] = lengths
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return refused("Content-Length is no number.")
  if (valuesOf(raw, "host").length !== 1) return refused("The request has no Host, or more than one.")
  return undefined
}
