import { jsonBody } from "../../body.ts"
import { headerList, headerValue, type HeadersInput } from "../../headers.ts"
import type { Reply } from "../../outcome.ts"
import { WholeBody } from "../../reply-body.ts"
import { kindOf, refuse, whole } from "../../validation.ts"
import { ListedFields } from "./listed-fields.ts"

/** A reply made up on the spot. Of `json`, `text` and `bytes` at most one; without any the body is empty. */
export interface FallbackReply {
  /** Default 200. */
  readonly status?: number | undefined
  readonly json?: unknown
  readonly text?: string | undefined
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined
  /** With `json` and `text` a Content-Type is implied. */
  readonly headers?: HeadersInput | undefined
}

/**
 * Makes a reply that no server sent; its bytes are its own.
 * @param name How messages call what was given.
 * @throws ConfigurationError for a status or a body that there is not, and for what JSON cannot write.
 */
export function madeUpReply(name: string, { status = 200, json, text, bytes, headers }: FallbackReply): Reply {
  whole(`${name}.status`, status, 200, 599)
  const [one, another] = Object.entries({ json, text, bytes }).filter(([, content]) => content !== undefined)
  if (another !== undefined) refuse(`${name}.${one?.[0]}`, `beside ${another[0]}`, "one of the two")
  if (text !== undefined && typeof text !== "string") refuse(`${name}.text`, kindOf(text), "a text")
  if (bytes !== undefined && !(bytes instanceof Uint8Array)) refuse(`${name}.bytes`, kindOf(bytes), "a Uint8Array")
  const written = json === undefined ? text : jsonText(json)
  const type = json !== undefined ? "application/json" : text !== undefined ? "text/plain;charset=UTF-8" : undefined
  const fields = headerList(headers)
  const isTyped = type === undefined || headerValue(fields, "content-type") !== undefined
  return {
    kind: "reply",
    status,
    url: undefined,
    headers: new ListedFields(isTyped ? fields : [...fields, ["content-type", type]]),
    body: new WholeBody(bytes?.slice() ?? new TextEncoder().encode(written)),
  }
}

/** As a request would carry it. */
function jsonText(json: unknown): string {
  return jsonBody(json).source.open() as string
}
