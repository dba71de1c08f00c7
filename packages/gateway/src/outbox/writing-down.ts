import type { IncomingMessage } from "node:http"
import { OutboxError, type Outbox, type Receipt } from "@steadfetch/outbox"
import { ConfigurationError } from "steadfetch"
import { valuesOf } from "../entry/raw-fields.ts"
import { BodyTooLongError } from "../forwarding/noted-body.ts"
import type { Problem } from "../problem.ts"
import type { UpstreamCalls } from "../upstream-calls.ts"
import { LIFETIME_FIELD, ORDERING_FIELD, storedFields } from "./stored-fields.ts"

/** A longer one leaves no room for the upstream's name before it. */
const LONGEST_KEY = 400

/** What is written down, and where. */
export interface Writing {
  readonly outbox: Outbox
  readonly req: IncomingMessage
  readonly upstream: UpstreamCalls
  /** What follows the upstream's URL. */
  readonly rest: string
  /** The most bytes of a body. */
  readonly mostBytes: number
  /** Told when the body is about to be read. */
  readonly reading: () => void
}

/** Writes a request down, whole. Resolves when it is durable, or to what is wrong with it; undefined when its caller has left. */
export async function writtenDown(writing: Writing): Promise<Receipt | Problem | undefined> {
  const { outbox, req, upstream, rest, mostBytes } = writing
  const { rawHeaders: raw, method = "POST", headers } = req
  const { name, settings, base } = upstream
  // Braces would be taken for a template's.
  const url = (base + rest).replaceAll("{", "%7B").replaceAll("}", "%7D")
  const { header = "Idempotency-Key" } = settings.idempotencyKey || {}
  const keyNames = [header.toLowerCase(), "idempotency-key"]
  const key = keyNames.flatMap((field) => valuesOf(raw, field))[0]
  const [orderingKey] = valuesOf(raw, ORDERING_FIELD)
  const [lifetime] = valuesOf(raw, LIFETIME_FIELD)
  const wrong = unfitKey(header, key) ?? unfitKey("Steadfetch-Ordering-Key", orderingKey) ?? unfitLifetime(lifetime)
  if (wrong !== undefined) return wrong
  if (Number(headers["content-length"] ?? 0) > mostBytes) return tooLong(mostBytes)
  try {
    return await outbox.request(method, url, {
      headers: storedFields(raw, name, keyNames),
      ...(hasBody(req) && { body: incoming(writing) }),
      idempotencyKey: sentKey(key, upstream),
      ...(key !== undefined && { key: `${name}/${key}` }),
      ...(orderingKey !== undefined && { orderingKey: `${name}/${orderingKey}` }),
      ...(lifetime !== undefined && { lifetimeMs: Number(lifetime) * 1000 }),
    })
  } catch (error) {
    if (req.destroyed && !req.complete) return undefined
    return problemOf(error, name)
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0
}

/** The body, as it comes. The connection outlives what is not read of it: there is a reply to write. */
async function* incoming({ req, mostBytes, reading }: Writing): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  reading()
  let received = 0
  for await (const piece of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer<ArrayBuffer>>) {
    received += piece.byteLength
    if (received > mostBytes) throw new BodyTooLongError(mostBytes)
    yield piece
  }
}

/** The key as it is given to the client, which puts it in the API's format. */
function sentKey(key: string | undefined, { settings: { idempotencyKey } }: UpstreamCalls): string | false | undefined {
  if (key === undefined) return idempotencyKey === false ? false : undefined
  const isQuoted = idempotencyKey !== undefined && idempotencyKey !== false && idempotencyKey.format === "quoted"
  const [, bare] = /^"([^"\\]*)"$/.exec(key) ?? []
  return isQuoted && bare !== undefined && bare !== "" ? bare : key
}

function credential(what: string, upstream: string): Problem {
  const detail = `The ${what} may be a credential, and none is written down. Leave it out and give the gateway its own, with "auth" of the upstream "${upstream}" in its configuration; or send the request without Prefer: respond-async.`
  return { status: 400, code: "credential", detail }
}

function tooLong(mostBytes: number): Problem {
  const detail = `The body is longer than the ${mostBytes} bytes that are written down for this upstream. Send less, or raise body.mostBytes or outbox.limits.bodyBytes in the gateway's configuration.`
  return { status: 413, code: "body-too-long", detail }
}

function unfitKey(field: string, key: string | undefined): Problem | undefined {
  if (key === undefined || (key.length <= LONGEST_KEY && /^[\x20-\x7e]+$/.test(key))) return undefined
  const detail = `${field} is no key that can be kept. Send 1 to ${LONGEST_KEY} characters of ASCII.`
  return { status: 400, code: "bad-key", detail }
}

function unfitLifetime(lifetime: string | undefined): Problem | undefined {
  if (lifetime === undefined || /^[1-9]\d{0,8}$/.test(lifetime)) return undefined
  return {
    status: 400,
    code: "bad-lifetime",
    detail: "Steadfetch-Lifetime is no number of seconds. Send one from 1, such as 86400.",
  }
}

/** @throws What is none of the request's, nor of the outbox's. */
function problemOf(error: unknown, upstream: string): Problem {
  if (error instanceof BodyTooLongError) return tooLong(error.mostBytes)
  if (OutboxError.is(error)) return outboxProblem(error)
  if (!ConfigurationError.is(error)) throw error
  const [, secret] = /^((?:header|query parameter) "[^"]*") may be a credential/.exec(error.message) ?? []
  if (secret !== undefined) return credential(secret, upstream)
  return { status: 400, code: "not-storable", detail: `The request cannot be written down: ${error.message}.` }
}

/** What an outbox could not do, for a caller. */
export function outboxProblem({ code, message }: OutboxError): Problem {
  const detail = `${message[0]?.toUpperCase() ?? ""}${message.slice(1)}.`
  switch (code) {
    case "conflict":
      // draft-ietf-httpapi-idempotency-key-header-07 §2.7.
      return { status: 422, code: "key-in-use", detail }
    case "state":
      return { status: 409, code: "state", detail }
    case "unknown":
      return { status: 404, code: "unknown-entry", detail }
    case "full":
      return { status: 503, code: "outbox-full", detail, fields: ["Retry-After", "60"] }
    default:
      return { status: 503, code: "outbox-store", detail, fields: ["Retry-After", "10"] }
  }
}
