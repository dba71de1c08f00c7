import {
  ABORTED,
  failure,
  ListedFields,
  signalFailure,
  untilAborted,
  withHeaders,
  type Exchange,
  type Handler,
  type Outcome,
  type Outgoing,
  type Reply,
  type Runtime,
} from "steadfetch"
import type { CacheKeyOf } from "./cache-key.ts"
import { directivesOf, type Directives } from "./directives.ts"
import { isUsableOnError, lifetimeOf, useOf, type Use } from "./lifetime.ts"
import { ownerNow, OwnerWatch, type Owner } from "./owner-watch.ts"
import { inBackground } from "./renewal.ts"
import { hitStatus, servedReply, staleness } from "./served-reply.ts"
import type { Shelf } from "./shelf.ts"
import { fieldOf, freshenedFields, keptFields, varyOf, type StoredReply } from "./stored-reply.ts"

/** Methods that change nothing (RFC 9110 §9.2.1, RFC 10008). */
const SAFE: readonly string[] = ["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"]

/** A request that states its own conditions, or asks for a part, wants the server's word. */
const OWN_CONDITIONS = /^(if-(none-match|modified-since|match|unmodified-since|range)|range)$/

/** How a cache tells whose replies it keeps, and for how long it stands in. */
export interface CacheSetting {
  /** Makes keys for one owner. */
  readonly keyOf: (owner: () => string) => CacheKeyOf
  /** Whose replies these are: a text, unless it may change. */
  readonly owner: string | Owner
  readonly staleIfErrorMs: number
}

/** What a request is looked up by. */
interface Lookup {
  readonly owner: string
  readonly key: string
  readonly ticket: number
  readonly directives: Directives
  readonly found: StoredReply | undefined
}

/** A reply, or none, and whether it is what the owner of the lookup was told. */
interface Sent {
  readonly outcome: Outcome
  readonly isOwn: boolean
}

/** A private cache around a handler. */
export class HttpCache {
  readonly #next: Handler
  readonly #runtime: Runtime
  readonly #shelf: Shelf
  readonly #setting: CacheSetting
  readonly #renewing = new Set<string>()

  constructor(next: Handler, runtime: Runtime, shelf: Shelf, setting: CacheSetting) {
    this.#next = next
    this.#runtime = runtime
    this.#shelf = shelf
    this.#setting = setting
  }

  handle(exchange: Exchange): Promise<Outcome> {
    const { request, reading } = exchange
    const { method, headers, body } = request
    if (!SAFE.includes(method)) return this.#change(exchange)
    const isRead = (method === "GET" || method === "HEAD") && reading === "buffer" && body === null
    if (!isRead || headers.some(([name]) => OWN_CONDITIONS.test(name))) return this.#next(exchange)
    const directives = directivesOf(fieldOf(headers, "cache-control") ?? fieldOf(headers, "pragma"))
    return directives.has("no-store") ? this.#next(exchange) : this.#read(exchange, directives)
  }

  async #read(exchange: Exchange, directives: Directives): Promise<Outcome> {
    const { request, record, signal } = exchange
    const { clock, events } = this.#runtime
    const ticket = this.#shelf.ticket()
    const owner = this.#owner()
    const key = await this.#keyOf(owner, exchange, request.url)
    const found = await untilAborted(this.#shelf.find(key, request.headers), signal)
    if (found === ABORTED) return signalFailure(signal?.reason)
    const lookup: Lookup = { owner, key, ticket, directives, found }
    const use = found === undefined ? "validate" : useOf(found, clock.date(), directives)
    if (found !== undefined && use !== "validate") {
      if (use === "stale-while-revalidate") this.#renew(exchange, lookup)
      return this.#serve(exchange, found, hitStatus(found, clock.date(), use), use)
    }
    if (!directives.has("only-if-cached")) return this.#ask(exchange, lookup)
    record.ending = "rejected"
    const why = "it holds no reply that may be used, and only-if-cached forbids to ask the server"
    if (events.heard("rejected")) events.emit("rejected", { call: record, policy: "cache", key: record.url, why })
    return failure("rejected", `cache(): ${why}`)
  }

  /** Sends the request and keeps the reply; falls back to the stale one where that is allowed. */
  async #ask(exchange: Exchange, lookup: Lookup): Promise<Outcome> {
    const { found, directives } = lookup
    const { clock } = this.#runtime
    const { outcome, isOwn } = await this.#send(exchange, lookup)
    if (outcome.kind === "reply" && outcome.status === 304 && found !== undefined) {
      const freshened = isOwn ? this.#freshen(exchange, lookup, found, outcome) : undefined
      const status = "fwd=stale; fwd-status=304"
      if (freshened !== undefined) return servedReply(freshened, clock.date(), status, exchange.request.method)
      return this.#ask(exchange, { ...lookup, found: undefined, ticket: this.#shelf.ticket() })
    }
    if (found !== undefined && isOutage(outcome)) {
      if (isUsableOnError(found, clock.date(), directives, this.#setting.staleIfErrorMs)) {
        if (outcome.kind === "reply") outcome.body.discard()
        const status = outcome.kind === "reply" ? `; fwd-status=${outcome.status}` : ""
        return this.#serve(exchange, found, `fwd=stale${status}; detail=stale-if-error`, outcome)
      }
    }
    if (outcome.kind === "failure") return outcome
    const isKept = isOwn && this.#keep(exchange, lookup, outcome)
    const reason = found === undefined ? "miss" : directives.has("no-cache") ? "request" : "stale"
    const status = `steadfetch; fwd=${reason}${isKept ? "; stored" : ""}`
    return { ...outcome, headers: new ListedFields([...fieldsOf(outcome), ["cache-status", status]]) }
  }

  #owner(): string {
    const { owner } = this.#setting
    return typeof owner === "string" ? owner : owner()
  }

  #keyOf(owner: string, exchange: Exchange, url: string): string | Promise<string> {
    return this.#setting.keyOf(() => owner)(exchange, url)
  }

  /** Sends the request, and sees whether its owner stays the same all the while. */
  async #send(exchange: Exchange, lookup: Lookup): Promise<Sent> {
    const { owner } = this.#setting
    const conditional = withValidators(exchange, lookup.found)
    if (typeof owner === "string") return { outcome: await this.#next(conditional), isOwn: true }
    const watch = new OwnerWatch(owner, lookup.owner, exchange)
    const outcome = await this.#next({ ...conditional, watch })
    return { outcome, isOwn: watch.isOwn }
  }

  /** What is stored, with what a 304 says anew; undefined when the 304 is about something else (RFC 9111 §4.3.4). */
  #freshen(
    exchange: Exchange,
    { key, ticket }: Lookup,
    found: StoredReply,
    validation: Reply,
  ): StoredReply | undefined {
    const etag = validation.headers.get("etag")
    const own = fieldOf(found.headers, "etag")
    const { headers: request } = exchange.request
    const isOther = etag !== null && own !== null && withoutWeakness(etag) !== withoutWeakness(own)
    if (isOther || isElsewhere(exchange.request, validation)) {
      void this.#shelf.drop(key)
      return undefined
    }
    const headers = freshenedFields(found.headers, validation)
    const requestedAt = this.#requestedAt(exchange)
    const lifetime = lifetimeOf(found.status, new ListedFields(headers), requestedAt)
    const { status, bytes, vary } = found
    if (lifetime === undefined) {
      void this.#shelf.drop(key)
      return { ...found, headers, requestedAt, freshMs: 0, ageMs: 0 }
    }
    const freshened = { ...lifetime, status, bytes, vary, headers, requestedAt }
    this.#shelf.keep(key, freshened, request, ticket)
    return freshened
  }

  /** Keeps a reply, or forgets what it disproves; tells whether it was kept. */
  #keep(exchange: Exchange, { key, ticket, found }: Lookup, reply: Reply): boolean {
    const { request } = exchange
    if (request.method === "HEAD") {
      if (found !== undefined && (isElsewhere(request, reply) || isChanged(found, reply))) void this.#shelf.drop(key)
      return false
    }
    const stored = this.#stored(exchange, reply)
    // A server that is well says something else now, though it does not want it to be kept.
    const isDisproved = found !== undefined && reply.status < 500 && reply.status !== 429
    if (stored !== undefined) this.#shelf.keep(key, stored, request.headers, ticket)
    else if (isDisproved) void this.#shelf.drop(key)
    return stored !== undefined
  }

  #stored(exchange: Exchange, reply: Reply): StoredReply | undefined {
    const { request } = exchange
    const { status, headers, body } = reply
    if (isElsewhere(request, reply) || body.bytes === undefined || (status >= 300 && status < 400)) return undefined
    const requestedAt = this.#requestedAt(exchange)
    const lifetime = lifetimeOf(status, headers, requestedAt)
    const vary = varyOf(reply, request.headers)
    if (lifetime === undefined || vary === undefined) return undefined
    const canBeValidated = headers.get("etag") !== null || headers.get("last-modified") !== null
    const canStandIn = !lifetime.mustRevalidate && (lifetime.ifErrorMs ?? this.#setting.staleIfErrorMs) > 0
    const isWorthIt = lifetime.freshMs > 0 || (status < 300 && (canBeValidated || canStandIn))
    if (!isWorthIt) return undefined
    return { ...lifetime, status, headers: keptFields(headers), bytes: body.bytes.slice(), vary, requestedAt }
  }

  /** When the request went out that was answered: age counts from there (RFC 9111 §4.2.3). */
  #requestedAt({ record }: Exchange): number {
    return record.attempts.at(-1)?.startedAt ?? this.#runtime.clock.date()
  }

  #serve(exchange: Exchange, stored: StoredReply, cacheStatus: string, how: Use | Outcome): Outcome {
    const { record, request } = exchange
    const { clock, events } = this.#runtime
    record.ending ??= "answered"
    record.servedBy = how === "fresh" ? "cache" : "stale cache"
    if (events.heard("served")) {
      const error = typeof how === "string" ? how : how.kind === "reply" ? `the server answered ${how.status}` : `no reply: ${how.code}` // prettier-ignore
      const why = how === "fresh" ? "fresh" : `${staleness(stored, clock.date())}: ${error}`
      events.emit("served", { call: record, policy: "cache", why })
    }
    return servedReply(stored, clock.date(), cacheStatus, request.method)
  }

  /** Renews what is stored, once at a time, without anyone waiting for it. */
  #renew(exchange: Exchange, lookup: Lookup): void {
    if (this.#renewing.has(lookup.key)) return
    this.#renewing.add(lookup.key)
    const over = (): boolean => this.#renewing.delete(lookup.key)
    inBackground(exchange, this.#runtime, async (renewal) => {
      const { outcome, isOwn } = await this.#send(renewal, lookup)
      if (!isOwn || outcome.kind === "failure" || lookup.found === undefined) return outcome
      if (outcome.status === 304) this.#freshen(renewal, lookup, lookup.found, outcome)
      else this.#keep(renewal, lookup, outcome)
      return outcome
    }).then(over, over)
  }

  /** Sends what may change something, and forgets what it may have changed (RFC 9111 §4.4). */
  async #change(exchange: Exchange): Promise<Outcome> {
    const { request, signal } = exchange
    const before = this.#owner()
    const outcome = await this.#next(exchange)
    if (outcome.kind === "failure" || outcome.status < 200 || outcome.status >= 400) return outcome
    const origin = new URL(request.url).origin
    const named = ["location", "content-location"].flatMap((name) => outcome.headers.get(name) ?? [])
    const urls = named.filter((url) => URL.canParse(url, request.url)).map((url) => new URL(url, request.url))
    const changed = [request.url, ...urls.filter((url) => url.origin === origin).map(({ href }) => href)]
    // Its attempts may have gone out for one or the other.
    const owners = new Set([before, ownerNow(this.#setting.owner) ?? before])
    const drops = [...owners].flatMap((owner) =>
      changed.map(async (url) => this.#shelf.drop(await this.#keyOf(owner, exchange, url))),
    )
    await untilAborted(Promise.all(drops), signal)
    return outcome
  }
}

/** The exchange with the validators of what is stored (RFC 9111 §4.3.1). */
function withValidators(exchange: Exchange, found: StoredReply | undefined): Exchange {
  const { request } = exchange
  const etag = found && fieldOf(found.headers, "etag")
  const modified = found && fieldOf(found.headers, "last-modified")
  const validators: [string, string][] = []
  if (etag) validators.push(["if-none-match", etag])
  if (modified) validators.push(["if-modified-since", modified])
  // A HEAD's reply could not take the place of what is stored.
  if (validators.length === 0 || request.method === "HEAD") return exchange
  return { ...exchange, request: withHeaders(request, [...request.headers, ...validators]) }
}

/**
 * Whether another URL answered, after a redirect: what it says is about itself, and nothing about how long the redirect
 * holds.
 */
function isElsewhere(request: Outgoing, { url, sentTo }: Reply): boolean {
  return url !== undefined && url !== (sentTo ?? request.url)
}

/** Whether the server is to blame, for now: 501 and 505 are about the request. */
function isOutage(outcome: Outcome): boolean {
  if (outcome.kind === "failure") return outcome.temporary
  return outcome.status >= 500 && outcome.status !== 501 && outcome.status !== 505
}

/** Whether a HEAD's reply shows that what is stored is out of date (RFC 9111 §4.3.5). */
function isChanged(found: StoredReply, { status, headers }: Reply): boolean {
  if (status !== 200) return status < 500 && status !== 304 && status !== 429
  return ["etag", "last-modified", "content-length"].some((name) => {
    const value = headers.get(name)
    return value !== null && value !== fieldOf(found.headers, name)
  })
}

function withoutWeakness(etag: string): string {
  return etag.replace(/^W\//, "")
}

function fieldsOf({ headers }: Reply): [string, string][] {
  return [...headers].map(([name, value]) => [name.toLowerCase(), value])
}
