/**
 * A server that fails on purpose, for tests of HTTP clients and for trying them out.
 *
 * It speaks HTTP/1.1 on a plain socket, so that it can also break it, and plays a **script**: steps per route, one step per
 * request. Steps are plain data; the builders make them, and `parseScript` reads them from a JSON file.
 *
 * ```ts
 * await using server = await startFaultServer({
 *   "GET /users": [status(503, { headers: { "retry-after": "0" } }), json(200, [])],
 *   "POST /orders": [reset("after-headers"), json(201, { id: 7 }, { headers: { location: "{origin}/orders/7" } })],
 *   "/files/*": { steps: [stall({ afterBytes: 100 }), status(200, { body: { bytes: 1e6 } })], then: "repeat" },
 *   "on connect": [reset("on-connect"), accept()],
 * })
 * await fetch(`${server.origin}/users`)
 * const request = await server.received(1)
 * fieldValue(request.headers, "idempotency-key")
 * ```
 *
 * What a reply can be: any status, fields and body (text, JSON, bytes, a pattern of any length or without end), interim
 * replies before it, late, trickled, in a content coding, cut by RST, FIN or silence in mid-head or mid-body, with wrong
 * framing or a coding that ends early. Beside replies there are `echo`, `garbage`, and drops before anything is sent.
 * `onReuse` ends a kept connection when the next request comes. `refusedPort()` is a port where nothing listens, and
 * `server.stopListening()` and `server.listenAgain()` make a server that goes away and comes back.
 *
 * What it received is in `server.requests`; `received(n)`, `finished(n)` and `allClosed()` wait for it.
 *
 * @packageDocumentation
 */

export {
  accept,
  badChunkSize,
  close,
  echo,
  endless,
  garbage,
  json,
  noLastChunk,
  redirect,
  reset,
  stall,
  status,
  trickle,
  truncatedGzip,
  wrongContentLength,
  type CutReply,
  type Moment,
} from "./builders.ts"
export { patternBytes } from "./payload.ts"
export type { ReceivedBody, ReceivedRequest } from "./received.ts"
export { refusedPort, type RefusedPort } from "./refused-port.ts"
export { fieldValue, type FieldLines } from "./request-head.ts"
export { parseScript, ScriptError } from "./script.ts"
export { startFaultServer, type FaultServer, type FaultServerLimits, type FaultServerOptions } from "./server.ts"
export type {
  AcceptStep,
  Body,
  Coding,
  Cut,
  DropStep,
  Echo,
  EchoStep,
  Framing,
  GarbageStep,
  HeaderFields,
  InformationalReply,
  Playlist,
  ReplyParts,
  ReplyStep,
  Script,
  Severance,
  Step,
  Trickle,
} from "./steps.ts"
export type { Clock } from "./system-clock.ts"
