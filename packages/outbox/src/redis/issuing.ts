import type { News } from "./news.ts"
import type { Ticket, Tickets } from "./tickets.ts"

/** A ticket as a script tells of it. */
export type TicketFields = readonly [id: Buffer, version: Buffer, origin: Buffer, dueAt: Buffer, priority: Buffer]

/**
 * Puts the tickets that scripts ask for into their queues, while those who asked go on: what they wrote is durable. Where it
 * fails, or this process dies first, a claim finds entries that are overdue, and issues their tickets again.
 */
export class Issuing {
  readonly #tickets: Tickets
  readonly #news: News
  readonly #underWay = new Set<Promise<void>>()

  constructor(tickets: Tickets, news: News) {
    this.#tickets = tickets
    this.#news = news
  }

  /** @param before What is to be over first. */
  issue(made: readonly TicketFields[], at: number, before?: Promise<unknown>): void {
    if (made.length === 0 && before === undefined) return
    const issued = this.#issue(made.map(ticketOf), at, before)
      .catch(() => {})
      .finally(() => this.#underWay.delete(issued))
    this.#underWay.add(issued)
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #issue(tickets: readonly Ticket[], at: number, before: Promise<unknown> | undefined): Promise<void> {
    await before
    if (tickets.length === 0) return
    try {
      await this.#tickets.issue(tickets, at)
    } finally {
      this.#news.tellOfWork()
    }
  }
}

const ticketOf = ([id, version, origin, dueAt, priority]: TicketFields): Ticket => ({
  id: id.toString(),
  version: Number(version),
  origin: origin.toString(),
  dueAt: Number(dueAt),
  priority: Number(priority),
})
