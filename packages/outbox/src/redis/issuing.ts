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
  issue(made: readonly TicketFields[], before?: Promise<unknown>): void {
    if (made.length > 0 || before !== undefined) this.#follow(this.#issue(made.map(ticketOf), before))
  }

  /** Takes the ticket of an entry away that was of this version: nobody may come to use it up. */
  withdraw(id: string, version: number, origin: string): void {
    this.#follow(this.#tickets.withdraw({ id, version, origin }))
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  #follow(work: Promise<void>): void {
    const followed = work.catch(() => {}).finally(() => this.#underWay.delete(followed))
    this.#underWay.add(followed)
  }

  async #issue(tickets: readonly Ticket[], before: Promise<unknown> | undefined): Promise<void> {
    await before
    if (tickets.length === 0) return
    try {
      await this.#tickets.issue(tickets)
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
