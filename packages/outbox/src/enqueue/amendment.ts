import {
  conforming,
  ConfigurationError,
  headerList,
  knownOptions,
  type HeaderList,
  type RequestOptions,
} from "steadfetch"
import { contentOf } from "../described-entry.ts"
import { OutboxError } from "../errors.ts"
import type { Parts } from "../parts.ts"
import { encodeContent, type Content } from "../sealing/content.ts"
import { sealBody } from "../sealing/sealer.ts"
import type { Alteration, StoredEntry } from "../store.ts"
import { sameBody } from "./asked.ts"
import { keyOf, REQUEST_PARTS } from "./enqueue.ts"
import { incomingBody, IncomingStream } from "./incoming-body.ts"
import { storedRequest, type RequestParts, type StoredRequest } from "./stored-request.ts"
import { checkDate, checkLifetime, checkPriority } from "./terms.ts"

/** What is changed about an entry; what is left out stays. */
export interface Amendment
  extends Omit<RequestParts, "headers" | "body">, Pick<RequestOptions, "requestSchema" | "signal"> {
  readonly method?: string | undefined
  /** Replaces the URL; `path` and `query` belong to the new one. */
  readonly url?: string | URL | undefined
  /** Header fields to set; undefined and null take one away. */
  readonly headers?: Readonly<Record<string, string | number | undefined | null>> | undefined
  /** A new body in place of the old one; null takes it away. */
  readonly body?: RequestOptions["body"] | null
  /** The Idempotency-Key of the new request; false for none. Default: a new one. */
  readonly idempotencyKey?: string | false | undefined
  readonly priority?: number | undefined
  /** Milliseconds from now, or `notBefore`, until it expires. */
  readonly lifetimeMs?: number | undefined
  readonly notBefore?: Date | undefined
}

/** What is a change by itself. */
const CHANGES: readonly string[] = [
  ...REQUEST_PARTS, "method", "url", "idempotencyKey", "priority", "lifetimeMs", "notBefore",
] // prettier-ignore

/**
 * What an amendment makes of an entry.
 * @throws ConfigurationError for what cannot be, or changes nothing; OutboxError "state" for a rejected entry whose request
 * stays as it is.
 */
export async function alterationOf(parts: Parts, entry: StoredEntry, given: Amendment): Promise<Alteration> {
  knownOptions("the amendment", given, [...CHANGES, "requestSchema", "signal"])
  const amendment = await conforming(given)
  if (!CHANGES.some((name) => amendment[name as keyof Amendment] !== undefined))
    throw new ConfigurationError(
      `the amendment of entry ${entry.id} changes nothing; give one of ${CHANGES.join(", ")}`,
    )
  const terms = newTerms(parts, entry, amendment)
  const request = await newRequest(parts, entry, amendment)
  if (request === undefined && entry.state === "rejected")
    throw new OutboxError(
      "state",
      `entry ${entry.id} was rejected, and its request stays as it is; a 4xx is not sent again unchanged: change the body, the headers, the URL or the method`,
    )
  return { ...terms, ...request }
}

/** When the entry is due and expires, and how important it is. */
function newTerms(parts: Parts, entry: StoredEntry, amendment: Amendment): Alteration {
  const { priority, lifetimeMs, notBefore } = amendment
  const at = parts.runtime.clock.date()
  const notBeforeAt = checkDate("notBefore", notBefore, at)
  if (lifetimeMs !== undefined) checkLifetime("lifetimeMs", lifetimeMs)
  const dueAt = dueAtOf(entry, notBeforeAt, at)
  const isRenewed = entry.state !== "waiting" || notBeforeAt !== undefined || lifetimeMs !== undefined
  return {
    at,
    state: "waiting",
    ...(priority !== undefined && { priority: checkPriority(priority) }),
    ...((entry.state !== "waiting" || notBeforeAt !== undefined) && { dueAt, tries: 0 }),
    ...(isRenewed && { expiresAt: dueAt + (lifetimeMs ?? contentOf(parts, entry).lifetimeMs) }),
  }
}

/** When an entry is due whose request is changed. One that was never sent may wait for a date, and goes on to. */
function dueAtOf({ state, tries, dueAt }: StoredEntry, notBeforeAt: number | undefined, at: number): number {
  return Math.max(at, notBeforeAt ?? (state === "waiting" && tries === 0 ? dueAt : at))
}

/** The request with its changes; undefined when it stays as it is. */
async function newRequest(
  parts: Parts,
  entry: StoredEntry,
  amendment: Amendment,
): Promise<Partial<Alteration> | undefined> {
  const { api, runtime, sealer } = parts
  const before = contentOf(parts, entry)
  const boundary = runtime.uniqueId()
  const { method = before.method, url, path, query, json, form, body, lifetimeMs } = amendment
  const isReplaced = [json, form, body].some((given) => given !== undefined)
  const target = url ?? (query === undefined ? before.url : before.url.replace(/\?.*/s, ""))
  const own = { path, query, headers: newHeaders(before, amendment, isReplaced), json, form, body: body ?? undefined }
  const request = storedRequest(api, method, target, own, () => boundary)
  if (!isReplaced && entry.bodyBytes !== undefined && ["GET", "HEAD"].includes(request.method))
    throw new ConfigurationError(`a ${request.method} request has no body; give "body: null", too`)
  const idempotencyKey = newKey(request.method, before, amendment, runtime.uniqueId)
  const newBody = await bodyOf(parts, request, amendment)
  const isSameBody = !isReplaced || (await isStored(parts, entry, request, newBody))
  if (isSameBody && newBody instanceof IncomingStream) newBody.discard()
  const isSame =
    isSameBody &&
    request.method === before.method &&
    request.url === before.url &&
    sameFields(request.headers, before.headers)
  if (isSame && (amendment.idempotencyKey === undefined || idempotencyKey === before.idempotencyKey)) return undefined
  const content: Content = {
    ...before,
    method: request.method,
    url: request.url,
    headers: request.headers,
    idempotencyKey,
    lifetimeMs: lifetimeMs ?? before.lifetimeMs,
    ...(isReplaced && before.asked?.body === null && { asked: { ...before.asked, body: "amended" } }),
  }
  return {
    origin: request.origin,
    tries: 0,
    dueAt: dueAtOf(entry, amendment.notBefore?.getTime(), runtime.clock.date()),
    content: sealer.seal(entry.id, "content", encodeContent(content)),
    ...(!isSameBody && { body: newBody === undefined ? null : sealBody(sealer, entry.id, newBody) }),
  }
}

/** The Idempotency-Key of a changed request: a new one where it had one, or where a new method needs one. */
function newKey(
  method: string,
  before: Content,
  { idempotencyKey }: Amendment,
  uniqueId: () => string,
): string | undefined {
  if (idempotencyKey !== undefined || method !== before.method) return keyOf(method, idempotencyKey, uniqueId)
  return before.idempotencyKey === undefined ? undefined : uniqueId()
}

/** The fields of before with the changes; without the type of a body that is replaced. */
function newHeaders(
  { headers }: Content,
  { headers: given = {} }: Amendment,
  isReplaced: boolean,
): RequestParts["headers"] {
  const changes = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  const kept = headers.filter(([name]) => !(name in changes) && !(isReplaced && name === "content-type"))
  return [...kept, ...headerList(changes)]
}

async function bodyOf(
  { settings }: Parts,
  { body }: { readonly body: StoredRequest["body"] },
  { signal }: Amendment,
): Promise<Uint8Array<ArrayBuffer> | IncomingStream | undefined> {
  return body && incomingBody(body.source, { mostBytes: settings.limits.bodyBytes, signal })
}

/** Whether a new body is the old one. Of a long stream that can be read once that is not known: it counts as another. */
async function isStored(
  parts: Parts,
  entry: StoredEntry,
  { body: typed }: StoredRequest,
  body: Uint8Array<ArrayBuffer> | IncomingStream | undefined,
): Promise<boolean> {
  if (body === undefined || entry.bodyBytes === undefined) return body === undefined && entry.bodyBytes === undefined
  const bytes = body instanceof IncomingStream ? typed?.source.length : body.byteLength
  if (bytes !== undefined && bytes !== parts.sealer.plainBytes(entry.bodyBytes)) return false
  if (!(body instanceof IncomingStream)) return sameBody(parts, entry, null, body)
  if (typed?.source.replayable !== true) return false
  // To be compared it is read, and then it is still to be stored: it is opened once more.
  return sameBody(parts, entry, null, await bodyOf(parts, { body: typed }, {}))
}

function sameFields(some: HeaderList, others: HeaderList): boolean {
  return JSON.stringify(sorted(some)) === JSON.stringify(sorted(others))
}

/** By name; the order of fields that have the same name means something. */
function sorted(fields: HeaderList): HeaderList {
  return fields.toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)))
}
