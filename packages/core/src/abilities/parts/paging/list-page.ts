import type { Success } from "../../../call-outcome.ts"
import type { ReceivedReply } from "../../../received-reply.ts"
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
  readonly reply: Success & ReceivedReply
  readonly body: unknown
  readonly request: PageRequest
  readonly cursor: string
  /** Where the next page is. */
  onward: Place | undefined
  readonly #spot: Spot | undefined

  constructor(
    request: PageRequest,
    reply: Success & ReceivedReply,
    body: unknown,
    place: Place | undefined,
    spot: Spot | undefined,
  ) {
    this.reply = reply
    this.body = body
    this.request = request
    this.cursor = cursorOf(place)
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
    throw this.reply.bodyError(what)
  }
}
