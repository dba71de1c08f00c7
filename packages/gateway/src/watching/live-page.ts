import type { IncomingMessage, ServerResponse } from "node:http"
import { Collector, page, type Page, type Picture, type Program, type WatchedOutbox } from "@steadfetch/watch"
import type { Clock, Events } from "steadfetch"

/** So long after the last viewer has left, the calls are no longer listened to. */
const LINGER_MS = 300_000

/** What is kept while somebody looks. */
interface Sight {
  readonly picture: Picture
  readonly since: number
  stop(): void
}

/** The page on which the gateway's calls are seen. Nothing listens to calls, and nothing is kept, before somebody looks. */
export class LivePage {
  readonly #events: Events
  readonly #clock: Clock
  readonly #page: Page
  #sight: Sight | undefined
  #forget = (): void => {}
  #isClosed = false

  constructor(events: Events, clock: Clock, outbox?: WatchedOutbox) {
    this.#events = events
    this.#clock = clock
    this.#page = page(() => this.#programs(), { outbox })
  }

  /** Answers a request that has been let in; `path` is what follows the page's. */
  answer(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    this.#sight ??= this.#look()
    this.#linger()
    res.once("close", () => this.#linger())
    return this.#page.answer(req, res, path)
  }

  close(): void {
    this.#isClosed = true
    this.#forget()
    this.#sight?.stop()
    this.#page.close()
  }

  #programs(): readonly Program[] {
    if (this.#sight === undefined) return []
    const { picture, since } = this.#sight
    return [{ id: "gateway", name: "gateway", since, isRunning: true, picture }]
  }

  #look(): Sight {
    const collector = new Collector(this.#clock)
    return { picture: collector.picture, since: this.#clock.date(), stop: collector.listen(this.#events) }
  }

  #linger(): void {
    this.#forget()
    if (this.#isClosed) return
    this.#forget = this.#clock.after(LINGER_MS, () => {
      if (this.#page.viewers > 0) return
      this.#sight?.stop()
      this.#sight = undefined
    })
  }
}
