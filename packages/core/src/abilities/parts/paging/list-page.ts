import type { CallContext } from "../../../call.ts"
import type { Success } from "../../../call-outcome.ts"
import { CallRecord } from "../../../call-record.ts"
import { BodyError, CallError } from "../../../errors.ts"
import { contentsOf, listIn, totalIn } from "./page-contents.ts"
import type { Page } from "./pages.ts"
import type { PageRequest, PagingStyle, ReceivedPage, Spot } from "./paging-style.ts"
import { valueAt } from "./paging-styles.ts"

/** The cursor of a page that was asked for as the call says. */
export const FIRST = "first"

/** Where a page of a list is. */
export interface Place {
  readonly style: PagingStyle
  readonly position: unknown
  readonly request: PageRequest
}

/** A place as text. */
export function cursorOf(place: Place | undefined): string {
  return place === undefined ? FIRST : `${place.style.name}:${JSON.stringify(place.position)}`
}

/** A page that has arrived. */
export class ListPage<Item> implements Page<Item>, ReceivedPage {
  readonly reply: Success
  readonly body: unknown
  readonly request: PageRequest
  readonly cursor: string
  /** Where the next page is. */
  onward: Place | undefined
  readonly #method: string
  readonly #spot: Spot | undefined

  constructor(
    { method }: CallContext,
    request: PageRequest,
    received: { readonly reply: Success; readonly body: unknown },
    place: Place | undefined,
    spot: Spot | undefined,
  ) {
    this.reply = received.reply
    this.body = received.body
    this.request = request
    this.cursor = cursorOf(place)
    this.#method = method
    this.#spot = spot
  }

  get items(): readonly Item[] {
    const spot = this.#spot
    const found = spot === undefined ? listIn(this.body) : valueAt(spot, this.body, this.reply)
    if (Array.isArray(found)) return found as readonly Item[]
    const where = typeof spot === "string" ? `no list at "${spot}"` : "no list that is clearly the one"
    return this.refuse(
      `${where}; its body is or has ${contentsOf(this.body)}; say where with items: "data.users", or a function of the body`,
    )
  }

  get next(): string | undefined {
    return this.onward === undefined ? undefined : cursorOf(this.onward)
  }

  get total(): number | undefined {
    return totalIn(this.body, this.reply)
  }

  refuse(what: string): never {
    const record = this.#record()
    throw new BodyError(this.#line(record, what), record, this.reply.status)
  }

  /** The error of a list that cannot go on after this page. */
  deadEnd(what: string): CallError {
    const record = this.#record()
    return new CallError(this.#line(record, what), record)
  }

  #line({ method, url }: CallRecord, what: string): string {
    return `${method} ${url} → ${this.reply.status} ${this.reply.statusName}: ${what}`
  }

  #record(): CallRecord {
    const { url, attempts } = this.reply
    const record = new CallRecord(this.#method, url, attempts[0]?.startedAt ?? 0)
    record.attempts.push(...attempts)
    return record
  }
}
