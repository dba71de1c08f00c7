import { Buffer } from "node:buffer"
import type { Connection } from "./connection.ts"
import { encodePayload, payloadOf, type Payload } from "./payload.ts"
import type { PlaceholderValues } from "./placeholders.ts"
import type { ReceivedRequest, RequestRecord } from "./received.ts"
import { composeReply, informationalHead, type ReplyMessage } from "./reply-message.ts"
import { readBody } from "./request-body.ts"
import { fieldValue, type RequestHead } from "./request-head.ts"
import type { DropStep, Echo, EchoStep, GarbageStep, ReplyStep, Step } from "./steps.ts"
import type { Clock } from "./system-clock.ts"

/** Bodies are handed to the socket in pieces of this many bytes. */
const PIECE_BYTES = 16 * 1024

const NOT_HTTP = "\u0000\u0001This is not HTTP.\u0000\r\n\r\n"

/** One request and all that is needed to play a step on it. */
export interface Exchange {
  readonly connection: Connection
  readonly request: RequestHead
  readonly record: RequestRecord
  readonly clock: Clock
  readonly values: PlaceholderValues
  readonly endlessBytes: number
}

type End = Exclude<ReceivedRequest["end"], "open">

/**
 * Plays a step.
 * @throws {ConnectionGone} when the client leaves before its end
 * @throws {MalformedRequest} when the request's body breaks HTTP
 */
export async function playStep(step: Step, exchange: Exchange): Promise<End> {
  if (step.kind === "accept") return "cut"
  if (step.kind === "drop" && step.at !== "before-headers") return drop(step, exchange)
  const sha256 = await readRequest(exchange)
  if (sha256 === undefined) return "abandoned"
  if (step.kind === "drop") return drop(step, exchange)
  if (step.kind === "garbage") return sendGarbage(step, exchange)
  return sendReply(step.kind === "echo" ? echoReply(step, exchange, sha256) : step, exchange)
}

/** Reads the body; returns its digest, or undefined when the client left before its end. */
async function readRequest({ connection, request, record }: Exchange): Promise<string | undefined> {
  const expectation = fieldValue(request.headers, "expect")?.toLowerCase()
  if (expectation === "100-continue" && request.version === "1.1")
    await connection.write("HTTP/1.1 100 Continue\r\n\r\n")
  const complete = await readBody(connection.inbox, request.framing, (bytes) => record.body.add(bytes))
  const sha256 = record.body.finish(complete)
  return complete ? sha256 : undefined
}

/** Breaks the connection off where no byte of a reply was sent. */
async function drop({ by, delayMs }: DropStep, { connection, clock }: Exchange): Promise<End> {
  if (delayMs !== undefined) await connection.wait(clock, delayMs)
  await connection.sever(by)
  return "cut"
}

async function sendGarbage({ body = NOT_HTTP, delayMs }: GarbageStep, { connection, clock }: Exchange): Promise<End> {
  if (delayMs !== undefined) await connection.wait(clock, delayMs)
  await connection.write(typeof body === "string" ? Buffer.from(body) : Buffer.from(body.base64, "base64"))
  await connection.sever("close")
  return "answered"
}

function echoReply(
  { status = 200, headers, delayMs }: EchoStep,
  { request, record }: Exchange,
  sha256: string,
): ReplyStep {
  const { method, target } = request
  const body = { sha256, lengthBytes: record.body.lengthBytes }
  const account: Echo = { method, target, headers: request.headers, body }
  const base64 = Buffer.from(JSON.stringify(account)).toString("base64")
  return {
    kind: "reply",
    status,
    headers: { "content-type": "application/json", ...headers },
    body: { base64 },
    ...(delayMs === undefined ? {} : { delayMs }),
  }
}

async function sendReply(step: ReplyStep, exchange: Exchange): Promise<End> {
  const { connection, clock, request, values, endlessBytes } = exchange
  for (const interim of step.informational ?? []) await connection.write(informationalHead(interim, values))
  if (step.delayMs !== undefined) await connection.wait(clock, step.delayMs)
  const plain = payloadOf(step.body, values, endlessBytes)
  const payload = step.coding === undefined ? plain : encodePayload(plain, step.coding)
  const message = composeReply(step, payload, request, values)
  if (step.cut?.at === "mid-headers") {
    await connection.write(message.head.slice(0, message.head.length / 2))
    await connection.sever(step.cut.by)
    return "cut"
  }
  await connection.write(message.head)
  if (message.hasBody) await sendBody(step, payload, message, exchange)
  const by = step.cut?.by ?? (message.hasBody && payload.endless ? "reset" : undefined)
  if (by !== undefined) {
    await connection.sever(by)
    return "cut"
  }
  if (message.hasBody) await connection.write(message.ending)
  if (message.closes) await connection.sever("close")
  else connection.onReuse = step.onReuse
  return "answered"
}

/** Sends the body, up to where it is cut. */
async function sendBody(
  { cut, trickle }: ReplyStep,
  payload: Payload,
  message: ReplyMessage,
  { connection, clock }: Exchange,
): Promise<void> {
  const pieceBytes = trickle?.chunkBytes ?? PIECE_BYTES
  const endsAt = cut?.at === "body" ? Math.min(cut.afterBytes, payload.lengthBytes) : payload.lengthBytes
  for (let at = 0; at < endsAt;) {
    const to = Math.min(at + pieceBytes, endsAt)
    await connection.write(message.wrap(payload.slice(at, to)))
    at = to
    if (trickle !== undefined && at < endsAt) await connection.wait(clock, trickle.gapMs)
  }
}
