import { createHash } from "node:crypto"
import { OutboxError } from "../errors.ts"
import type { Parts } from "../parts.ts"
import type { Asked, Content } from "../sealing/content.ts"
import { openBody } from "../sealing/sealer.ts"
import type { StoredEntry } from "../store.ts"
import { IncomingStream } from "./incoming-body.ts"
import type { StoredRequest } from "./stored-request.ts"

type Body = Uint8Array<ArrayBuffer> | IncomingStream | undefined

/** What is kept of a request to know it again. */
export function askedOf(request: StoredRequest, body: Body): Asked {
  return { head: headDigest(request), body: body instanceof IncomingStream ? null : digest(body) }
}

/**
 * Sees to it that a request whose key an entry has already is the same as that entry's.
 * @throws OutboxError "conflict" that names both.
 */
export async function sameAsBefore(
  parts: Pick<Parts, "store" | "sealer">,
  entry: StoredEntry,
  content: Content,
  request: StoredRequest,
  body: Body,
): Promise<void> {
  const before = content.asked
  const sameHead = before?.head === headDigest(request)
  if (sameHead && (await sameBody(parts, entry, before?.body, body))) return
  const other = `${content.method} ${withoutQuery(content.url)} (entry ${entry.id}, ${entry.state}, added ${new Date(entry.addedAt).toISOString()})`
  const same = content.method === request.method && content.url === request.url
  const what = same
    ? `one with ${sameHead ? "another body" : "other headers"}`
    : `${request.method} ${withoutQuery(request.url)}`
  throw new OutboxError(
    "conflict",
    `key ${JSON.stringify(content.key)} belongs to ${other}, and this request is ${what}; give it another key, or amend or discard that entry`,
  )
}

/**
 * Whether a body, which is read, is the one of an entry.
 * @param before Its digest; null when that is to be made from what is stored, "amended" when any will do.
 */
export async function sameBody(
  { store, sealer }: Pick<Parts, "store" | "sealer">,
  { id }: StoredEntry,
  before: string | null | undefined,
  body: Body,
): Promise<boolean> {
  if (before === "amended") return true
  const digested = body instanceof IncomingStream ? await body.digest() : digest(body)
  if (before !== null) return before === digested
  const stored = await store.body(id)
  if (stored === undefined) return false
  const opened = openBody(sealer, id, stored)
  if (opened instanceof Uint8Array) return digest(opened) === digested
  const hash = createHash("sha256")
  for await (const piece of opened) hash.update(piece)
  return hash.digest("base64url") === digested
}

function headDigest({ method, url, headers }: StoredRequest): string {
  return digest(new TextEncoder().encode(JSON.stringify([method, url, headers])))
}

function digest(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : createHash("sha256").update(bytes).digest("base64url")
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*/s, "?…")
}
