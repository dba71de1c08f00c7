import { randomUUID } from "node:crypto"
import type { Claimed, ClaimRequest, Claims } from "../store.ts"
import { isFull, type Connection } from "./connection.ts"
import { entryOf, type Fields } from "./fields.ts"
import type { Issuing, TicketFields } from "./issuing.ts"
import type { TakenTicket, Tickets } from "./tickets.ts"

/** Origins looked at in one step. */
const PAGE = 200

/** An origin of which something is due. */
interface DueOrigin {
  readonly origin: string
  readonly count: number
  readonly since: number
}

/** Takes entries, each with a ticket of its origin's queue. */
export class Claiming {
  readonly #connection: Connection
  readonly #tickets: Tickets
  readonly #issuing: Issuing
  readonly #lostMs: number

  /** @param lostMs An entry that has been due for so long while there is no ticket for it has lost it. */
  constructor(connection: Connection, tickets: Tickets, issuing: Issuing, lostMs: number) {
    this.#connection = connection
    this.#tickets = tickets
    this.#issuing = issuing
    this.#lostMs = lostMs
  }

  async claim(request: ClaimRequest): Promise<Claims> {
    const { at, leaseUntil, most } = request
    const claim = new Claim(request)
    const look = await this.#connection.run("outboxLook", at, leaseUntil, Math.max(0, most), claim.token, PAGE)
    const [overdue, made, origins, nextAt] = look as [Fields[], TicketFields[], Buffer[], Buffer | null]
    this.#issuing.issue(made)
    claim.add(overdue, nextAt)
    for (const { entry } of claim.claimed) this.#issuing.withdraw(entry.id, entry.version - 1, entry.origin)
    try {
      await this.#takeDue(dueOrigins(origins), claim)
    } catch (error) {
      // What was taken before is not left to its lease.
      if (claim.claimed.length === 0) throw error
    }
    return { claimed: claim.claimed, nextAt: claim.nextAt }
  }

  /** Page by page, so that what can be sent is found behind any number of origins that are held back. */
  async #takeDue(first: readonly DueOrigin[], claim: Claim): Promise<void> {
    let page = first
    for (let seen = page.length; ; seen += page.length) {
      await this.#takeOf(page, claim)
      if (page.length < PAGE || claim.left <= 0) return
      page = dueOrigins((await this.#connection.run("outboxOrigins", claim.request.at, seen, PAGE)) as Buffer[])
    }
  }

  /** Takes of several origins at once as long as there is room and something is left to ask for. */
  async #takeOf(page: readonly DueOrigin[], claim: Claim): Promise<void> {
    for (let next = 0; next < page.length && claim.left > 0;) {
      const takes: Promise<void>[] = []
      for (let left = claim.left; left > 0 && next < page.length; next++) {
        const due = page[next]
        if (due === undefined) break
        const wanted = Math.min(due.count, claim.roomOf(due.origin), left)
        if (wanted <= 0) continue
        left -= wanted
        takes.push(this.#take(due, wanted, claim))
      }
      const failed = (await Promise.allSettled(takes)).find((take) => take.status === "rejected")
      if (failed !== undefined) throw failed.reason
    }
  }

  async #take({ origin, since }: DueOrigin, wanted: number, claim: Claim): Promise<void> {
    const { at, leaseUntil } = claim.request
    const tickets = await this.#ticketsOf(origin, wanted, at)
    if (tickets.length < wanted && since <= at - this.#lostMs) await this.#repair(origin, at)
    if (tickets.length === 0) return
    const priorities = tickets.map(({ priority }) => priority)
    const take = await this.#connection.run("outboxTake", at, leaseUntil, claim.token, origin, priorities)
    const [taken, made, nextAt] = take as [Fields[], TicketFields[], Buffer | null]
    // A ticket that is not used up is taken back as one whose process died.
    this.#issuing.issue(made, Promise.all(tickets.map((ticket) => ticket.use())))
    claim.add(taken, nextAt)
  }

  async #ticketsOf(origin: string, wanted: number, at: number): Promise<readonly (TakenTicket | typeof anyTicket)[]> {
    try {
      return await this.#tickets.take(origin, wanted, at)
    } catch (error) {
      // What has no room for its tickets any more must be sent all the more: only then there will be room again.
      if (!isFull(error)) throw error
      return Array.from({ length: wanted }, () => anyTicket)
    }
  }

  /** Issues tickets that were lost between a script and their queue, or with it. */
  async #repair(origin: string, at: number): Promise<void> {
    const lost = await this.#connection.run("outboxOverdue", origin, at - this.#lostMs)
    this.#issuing.issue(lost as TicketFields[])
  }
}

const anyTicket = { priority: "", use: async (): Promise<void> => {} } as const

/** What one claim has taken so far. */
class Claim {
  readonly request: ClaimRequest
  readonly token = randomUUID()
  readonly claimed: Claimed[] = []
  readonly #seen = new Set<string>()
  nextAt: number | undefined

  constructor(request: ClaimRequest) {
    this.request = request
  }

  get left(): number {
    return this.request.most - this.claimed.length
  }

  /** An origin that takes its turn again, as it is due later now, has had its room. */
  roomOf(origin: string): number {
    if (this.#seen.has(origin)) return 0
    this.#seen.add(origin)
    return this.request.room(origin)
  }

  add(taken: readonly Fields[], nextAt: Buffer | null): void {
    for (const fields of taken) {
      const entry = entryOf(fields)
      this.claimed.push({ entry, lease: { id: entry.id, token: this.token } })
    }
    this.nextAt = nextAt === null ? undefined : Number(nextAt)
  }
}

/** Name, count and instant in turn. */
function dueOrigins(told: readonly Buffer[]): DueOrigin[] {
  const origins: DueOrigin[] = []
  for (let index = 0; index + 2 < told.length; index += 3)
    origins.push({
      origin: String(told[index]),
      count: Number(told[index + 1]),
      since: Number(told[index + 2]),
    })
  return origins
}
