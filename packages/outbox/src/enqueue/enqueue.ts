import {
  ABORTED, checkSignal, conforming, ConfigurationError, headerList, knownOptions, refuse, shown, untilAborted,
  type RequestOptions,
} from "steadfetch" // prettier-ignore
import type { Parts } from "../parts.ts"
import { decodeContent, encodeContent, type Content } from "../sealing/content.ts"
import { sealBody } from "../sealing/sealer.ts"
import type { Added, NewEntry } from "../store.ts"
import { askedOf, sameAsBefore } from "./asked.ts"
import { incomingBody, IncomingStream } from "./incoming-body.ts"
import type { Pressure } from "./pressure.ts"
import { storedRequest, type RequestParts, type StoredRequest } from "./stored-request.ts"
import { checkedTerms, TERMS, type CheckedTerms, type Terms } from "./terms.ts"

/** A request, how it is to be delivered, and how long adding it may take. */
export interface EnqueueOptions
  extends Terms, RequestParts, Pick<RequestOptions, "requestSchema" | "signal" | "idempotencyKey"> {}

/** Names of the options that make a request. */
export const REQUEST_PARTS: readonly string[] = ["path", "query", "headers", "json", "form", "body"]

const KNOWN: readonly string[] = [...REQUEST_PARTS, "requestSchema", "signal", "idempotencyKey", ...TERMS]

/** Methods whose repetition a server knows by a key alone. */
const KEYED: readonly string[] = ["POST", "PATCH"]

/** Writes requests down. */
export class Enqueuing {
  readonly #parts: Parts
  readonly #pressure: Pressure
  readonly #newId: () => string

  constructor(parts: Parts, pressure: Pressure, newId: () => string) {
    this.#parts = parts
    this.#pressure = pressure
    this.#newId = newId
  }

  /**
   * Resolves when the entry is durable, or was so already.
   * @throws ConfigurationError for what cannot be sent; OutboxError; the signal's reason.
   */
  async add(method: string, target: string | URL, given: EnqueueOptions, transaction?: unknown): Promise<Added> {
    const { api, runtime, settings } = this.#parts
    knownOptions("the entry", given, KNOWN)
    checkSignal(given.signal)
    const options = await conforming(given)
    throwIfAborted(options)
    const terms = checkedTerms(options, settings, runtime.clock.date())
    let boundary: string | undefined
    const request = storedRequest(api, method, target, options, () => (boundary = runtime.uniqueId()))
    const idempotencyKey = keyOf(request.method, options.idempotencyKey, runtime.uniqueId)
    try {
      return await this.#pressure.admit(() => {
        throwIfAborted(options)
        const made = { idempotencyKey, boundary }
        return this.#write(request, terms, made, options, transaction)
      })
    } catch (error) {
      request.body?.source.discard?.()
      throw error
    }
  }

  async #write(
    request: StoredRequest,
    terms: CheckedTerms,
    made: Pick<Content, "idempotencyKey" | "boundary">,
    options: EnqueueOptions,
    transaction: unknown,
  ): Promise<Added> {
    const reading = { mostBytes: this.#parts.settings.limits.bodyBytes, signal: options.signal }
    // Awaited be there one or not: what is added without waiting for what was added before stays behind it.
    const body = await (request.body && incomingBody(request.body.source, reading))
    const content: Content = {
      ...made,
      method: request.method,
      url: request.url,
      headers: request.headers,
      key: terms.key,
      orderingKey: terms.orderingKey,
      lifetimeMs: terms.lifetimeMs,
      asked: terms.key === undefined ? undefined : askedOf(request, body),
    }
    const added = await this.#store(this.#newEntry(request, terms, content, body), body, options, transaction)
    if (added.isNew) this.#pressure.added(body instanceof IncomingStream ? body.bytes : (body?.byteLength ?? 0))
    else await this.#compare(added, request, options, body).finally(() => discard(body))
    return added
  }

  #newEntry(
    { origin }: StoredRequest,
    terms: CheckedTerms,
    content: Content,
    body: Uint8Array<ArrayBuffer> | IncomingStream | undefined,
  ): NewEntry {
    const { sealer, runtime } = this.#parts
    const id = this.#newId()
    const { key, orderingKey, afterRejection, priority, dueAt, expiresAt } = terms
    return {
      id,
      origin,
      key: key === undefined ? undefined : sealer.fingerprint("key", key),
      orderingKey: orderingKey === undefined ? undefined : sealer.fingerprint("ordering key", orderingKey),
      afterRejection,
      priority,
      addedAt: runtime.clock.date(),
      dueAt,
      expiresAt,
      content: sealer.seal(id, "content", encodeContent(content)),
      body: body === undefined ? undefined : sealBody(sealer, id, body),
    }
  }

  async #store(
    entry: NewEntry,
    body: Uint8Array | IncomingStream | undefined,
    { signal }: EnqueueOptions,
    transaction: unknown,
  ): Promise<Added> {
    try {
      const [added] = await settled(this.#parts.store.add([entry], transaction), signal)
      if (added === undefined) throw new TypeError(`${this.#parts.store.name} added nothing`)
      return added
    } catch (error) {
      discard(body)
      // What the body's own stream threw, and not what the store made of it.
      if (body instanceof IncomingStream && body.failure !== undefined) throw body.failure.error
      throw error
    }
  }

  async #compare(
    { entry }: Added,
    request: StoredRequest,
    options: EnqueueOptions,
    body: Uint8Array<ArrayBuffer> | IncomingStream | undefined,
  ): Promise<void> {
    const { api, sealer, settings } = this.#parts
    const content = decodeContent(sealer.open(entry.id, "content", entry.content))
    const { boundary } = content
    const { method, url } = request
    if (boundary === undefined || request.body?.source.replayable === false) {
      return sameAsBefore(this.#parts, entry, content, request, body)
    }
    // A form's boundary is another one each time: it is written once more, with the one that it had then.
    const { json, form, body: given } = options
    const again = storedRequest(api, method, url, { json, form, body: given, headers: options.headers }, () => boundary)
    const reading = { mostBytes: settings.limits.bodyBytes, signal: options.signal }
    const bodyAgain = again.body && (await incomingBody(again.body.source, reading))
    return sameAsBefore(this.#parts, entry, content, again, bodyAgain)
  }
}

/** The Idempotency-Key of a request: the caller's, or a new one where the method needs it. */
export function keyOf(method: string, given: string | false | undefined, newKey: () => string): string | undefined {
  if (given === false) return undefined
  if (given === undefined) return KEYED.includes(method) ? newKey() : undefined
  if (typeof given !== "string" || given.trim() === "")
    return refuse("idempotencyKey", shown(given), "a text that is not empty, or false")
  try {
    headerList({ "idempotency-key": given })
  } catch (cause) {
    throw new ConfigurationError("idempotencyKey holds a line break or a character beyond Latin-1; encode it", {
      cause,
    })
  }
  return given
}

function discard(body: Uint8Array | IncomingStream | undefined): void {
  if (body instanceof IncomingStream) body.discard()
}

function throwIfAborted({ signal }: EnqueueOptions): void {
  if (signal?.aborted === true) throw signal.reason
}

/** The value of work, or the signal's reason as soon as that fires. */
async function settled<T>(work: Promise<T>, signal: EnqueueOptions["signal"]): Promise<T> {
  const value = await untilAborted(work, signal)
  if (value === ABORTED) throw signal?.reason
  return value
}
