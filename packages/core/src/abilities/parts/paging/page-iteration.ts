import { Cancellation } from "../../../cancellation.ts"
import type { ReceivedReply } from "../../../received-reply.ts"
import { redactUrl } from "../../../redaction.ts"
import { kindOf } from "../../../validation.ts"
import { objection } from "../origins.ts"
import { cursorOf, ListPage, type Place } from "./list-page.ts"
import { MOST_PAGES, type PagePlan } from "./page-plan.ts"
import { callFor } from "./page-request.ts"
import type { PageRequest } from "./paging-style.ts"

/** One way through a list, from page to page. */
export class PageIteration<Item> {
  /** The cursor of the first page that was not handed over whole. */
  resumeAt: string | undefined
  readonly #plan: PagePlan
  /** What was asked for. */
  readonly #asked = new Set<string>()
  #underWay: Cancellation | undefined
  #isClosed = false

  constructor(plan: PagePlan) {
    this.#plan = plan
    this.resumeAt = cursorOf(plan.start)
  }

  async *pages(): AsyncGenerator<ListPage<Item>, void, undefined> {
    const { start, maxPages = Number.POSITIVE_INFINITY, maxItems, prefetch } = this.#plan
    let left = maxItems ?? 1
    try {
      let page = await this.#ask(start, undefined)
      for (let count = 1; ; count++) {
        if (maxItems !== undefined) left -= page.items.length
        const onward = count < maxPages && left > 0 ? page.onward : undefined
        const ahead = prefetch && onward !== undefined ? this.#ask(onward, page) : undefined
        // Whoever asks for the next page hears of it; if nobody does, nothing has failed.
        ahead?.catch(() => {})
        yield page
        this.#checkSignal()
        this.resumeAt = page.next
        if (onward === undefined) return
        page = await (ahead ?? this.#ask(onward, page))
      }
    } catch (error) {
      if (!this.#isClosed) throw error
    } finally {
      this.close()
    }
  }

  async *items<T>(): AsyncGenerator<T, void, undefined> {
    let left = this.#plan.maxItems ?? Number.POSITIVE_INFINITY
    for await (const page of this.pages()) {
      const { items } = page
      for (const [index, item] of items.entries()) {
        this.#checkSignal()
        yield item as unknown as T
        left--
        if (left === 0 && index < items.length - 1) return
      }
    }
  }

  /** Lets go of what is under way; who waits for a page gets none. */
  close(): void {
    this.#isClosed = true
    this.#underWay?.cancel(undefined)
  }

  #checkSignal(): void {
    const { signal } = this.#plan.context.options
    if (signal?.aborted === true) throw signal.reason
  }

  /** Asks for a page. `before` is the one that led there. */
  async #ask(place: Place | undefined, before: ListPage<Item> | undefined): Promise<ListPage<Item>> {
    const { context, first, items } = this.#plan
    const request = place === undefined ? first : place.request
    const obstacle = this.#obstacle(request, before)
    if (before !== undefined && obstacle !== undefined) throw before.reply.callError(obstacle)
    const cancellation = new Cancellation(context.options.signal)
    this.#underWay = cancellation
    try {
      const outcome = await callFor(context, first, request, cancellation).outcome({ accept: "application/json" })
      if (outcome.kind !== "success") throw outcome.error
      const reply = outcome as typeof outcome & ReceivedReply
      const page = new ListPage<Item>(request, reply, await reply.json(), place, items)
      page.onward = this.#onward(page, place)
      return page
    } finally {
      cancellation.release()
    }
  }

  #onward(page: ListPage<Item>, place: Place | undefined): Place | undefined {
    const { context, first, by, detection, maxPages } = this.#plan
    const style = by ?? place?.style ?? detection?.style(page, context.method, maxPages === 1)
    const position = style?.next(page)
    if (style === undefined || position === undefined || position === null) return undefined
    const request = style.request(position, first)
    if (request !== undefined) return { style, position, request }
    return page.refuse(`the next page is said to be ${kindOf(position)}, which "${style.name}" cannot go on with`)
  }

  /** Why a list ends before a page that it leads to. */
  #obstacle(request: PageRequest, before: ListPage<Item> | undefined): string | undefined {
    const { first, maxPages } = this.#plan
    const why = before === undefined ? undefined : objection(this.#plan.reach, request.url)
    if (why !== undefined) return `the next page is at ${why}`
    if (maxPages === undefined && this.#asked.size === MOST_PAGES)
      return `${MOST_PAGES} pages, and still a next one; give maxPages if there are so many`
    const key = request.json === first.json ? request.url : `${request.url}\n${JSON.stringify(request.json)}`
    if (this.#asked.has(key))
      return `the next page, ${redactUrl(request.url)}, was read before; the list goes round in circles`
    this.#asked.add(key)
    return undefined
  }
}
