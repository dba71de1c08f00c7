import type { IncomingMessage } from "node:http"
import { Refusal } from "./refusal.ts"

/** What someone decides about an entry. */
export type Action = { readonly version: number } & (
  | { readonly action: "retry"; readonly body?: undefined; readonly type?: undefined }
  | { readonly action: "discard"; readonly body?: undefined; readonly type?: undefined }
  | { readonly action: "amend"; readonly body: string; readonly type: string | undefined }
)

/** A body of 256 KiB may be longer in JSON. */
const MOST_BYTES = 2 * 1024 * 1024

/**
 * Reads what is asked for. Only the page itself can ask: no other page can send JSON without being asked about it first, and
 * browsers name the page that asks.
 */
export async function askedAction(req: IncomingMessage): Promise<Action> {
  const { origin, host = "", "content-type": type = "", "sec-fetch-site": site = "same-origin" } = req.headers
  if (origin?.toLowerCase() !== `http://${host}`.toLowerCase() || site !== "same-origin")
    throw new Refusal(403, "Only the page itself may ask for this.")
  if (!/^application\/json(;|$)/i.test(type)) throw new Refusal(415, "Send JSON.")
  return checked(parsed(await text(req)))
}

async function text(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  // The connection outlives a body that is too long: there is a reply to write.
  for await (const piece of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.byteLength
    if (length > MOST_BYTES) throw new Refusal(413, "The body is too long to be edited here.")
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

function parsed(given: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(given)) as Record<string, unknown>
  } catch {
    throw new Refusal(400, "This is no JSON.")
  }
}

function checked({ action, version, body, type }: Readonly<Record<string, unknown>>): Action {
  if (typeof version !== "number" || !Number.isInteger(version)) throw new Refusal(400, "The version is missing.")
  if (action === "retry" || action === "discard") return { action, version }
  const isType = type === undefined || typeof type === "string"
  if (action === "amend" && typeof body === "string" && isType) return { action, version, body, type }
  throw new Refusal(400, "There is no such action.")
}
