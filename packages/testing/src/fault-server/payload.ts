import { Buffer } from "node:buffer"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { fillPlaceholders, type PlaceholderValues } from "./placeholders.ts"
import type { Body, Coding } from "./steps.ts"

/** The bytes of a body, made as they are needed. */
export interface Payload {
  readonly lengthBytes: number
  /** Whether the length is only where the server gives up. */
  readonly endless: boolean
  /** The media type to announce when the script names none. */
  readonly contentType: string | undefined
  slice(from: number, to: number): Uint8Array
}

/** A prime, so that a piece that is lost, doubled or out of place shows. */
const PATTERN_PERIOD = 251
const PATTERN = Uint8Array.from({ length: PATTERN_PERIOD * 128 }, (_, index) => index % PATTERN_PERIOD)

/** The bytes `from` up to `to` of the pattern that `{ bytes: n }` and `{ endless: true }` send: byte i is i mod 251. */
export function patternBytes(to: number, from = 0): Uint8Array {
  const phase = from % PATTERN_PERIOD
  if (phase + to - from <= PATTERN.length) return PATTERN.slice(phase, phase + to - from)
  return Uint8Array.from({ length: to - from }, (_, index) => (from + index) % PATTERN_PERIOD)
}

/** The payload of a step's body. */
export function payloadOf(body: Body | undefined, values: PlaceholderValues, endlessBytes: number): Payload {
  if (body === undefined) return fixed(new Uint8Array(), undefined)
  if (typeof body === "string") return text(body, "text/plain; charset=utf-8", values)
  if ("json" in body) return text(JSON.stringify(body.json), "application/json", values)
  if ("base64" in body) return fixed(Buffer.from(body.base64, "base64"), "application/octet-stream")
  const endless = "endless" in body
  return {
    lengthBytes: endless ? endlessBytes : body.bytes,
    endless,
    contentType: "application/octet-stream",
    slice: (from, to) => patternBytes(to, from),
  }
}

/** The payload under a content coding; cut short when the coding says so. */
export function encodePayload(payload: Payload, coding: Coding): Payload {
  const encode = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[coding.name]
  const coded = encode(payload.slice(0, payload.lengthBytes))
  const kept = Math.max(1, coded.length - (coding.lostBytes ?? 0))
  return fixed(coded.subarray(0, kept), payload.contentType)
}

function text(value: string, contentType: string, values: PlaceholderValues): Payload {
  return fixed(Buffer.from(fillPlaceholders(value, values)), contentType)
}

function fixed(bytes: Uint8Array, contentType: string | undefined): Payload {
  return { lengthBytes: bytes.length, endless: false, contentType, slice: (from, to) => bytes.subarray(from, to) }
}
