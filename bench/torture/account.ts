import { lineOf } from "./line.ts"
import type { Received } from "./receiver.ts"
import type { Place } from "./task.ts"

/** What was acknowledged, what came in, and what is wrong with it. */
export class Account {
  readonly kind: Place["kind"]
  seconds = 0
  readonly kills: Record<string, number> = {}
  /** Requests that were acknowledged. */
  acknowledged = 0
  /** Of them those that had been stored before their process was killed, and were known when they were enqueued again. */
  known = 0
  /** Calls of post() that failed, by the error's code. */
  readonly refused: Record<string, number> = {}
  /** Requests that came in, and how often that was in all. */
  received = 0
  sendings = 0
  mostTimes = 0
  /** Names of requests that were acknowledged and did not come in. */
  readonly lost: string[] = []
  /** Those that came with more than one key, without one, or with another one's. */
  readonly differing: string[] = []
  /** Those that came in before one that has the same ordering key and was acknowledged before them. */
  readonly disordered: string[] = []
  /** Those of which a part came in. */
  readonly broken: string[] = []
  /** What the looking through of the store found. */
  readonly problems: string[] = []
  readonly #acknowledged = new Set<string>()
  readonly #next = new Map<string, number>()

  constructor(kind: Place["kind"]) {
    this.kind = kind
  }

  killed(kind: string): void {
    this.kills[kind] = (this.kills[kind] ?? 0) + 1
  }

  /** A line of a process. */
  told(line: string): void {
    const [word = "", what = ""] = line.split(" ")
    if (word === "refused") this.refused[what] = (this.refused[what] ?? 0) + 1
    else if (word === "acknowledged" || word === "known") this.#acknowledge(what, word === "known")
    else this.problems.push(`an entry is ${line}`)
  }

  /** The number of the next request of a caller: it goes on behind the last one that was acknowledged. */
  nextOf(caller: string): number {
    return this.#next.get(caller) ?? 0
  }

  #acknowledge(name: string, wasKnown: boolean): void {
    const cut = name.lastIndexOf("-")
    this.#next.set(name.slice(0, cut), Number(name.slice(cut + 1)) + 1)
    this.#acknowledged.add(name)
    this.acknowledged += 1
    if (wasKnown) this.known += 1
  }

  /** Compares what was acknowledged with what came in, and with what the store says. */
  settle(
    { waiting = 0, sending = 0, delivered = 0 }: Readonly<Record<string, number>>,
    received: ReadonlyMap<string, Received>,
  ): void {
    for (const name of this.#acknowledged) if (!received.has(name)) this.lost.push(name)
    this.#acknowledged.clear()
    if (waiting + sending > 0) this.problems.push(`${waiting + sending} entries still wait`)
    if (delivered !== received.size)
      this.problems.push(`the store says that ${delivered} were delivered, and ${received.size} came in`)
    const keys = new Map<string, string>()
    const last = new Map<string, number>()
    for (const { name, times, keys: own, isWhole } of received.values()) {
      this.received += 1
      this.sendings += times
      this.mostTimes = Math.max(this.mostTimes, times)
      if (!isWhole) this.broken.push(name)
      const [key = ""] = own
      if (own.size !== 1 || key === "undefined" || keys.has(key)) this.differing.push(name)
      keys.set(key, name)
      if (!isInTurn(name, last)) this.disordered.push(name)
    }
  }

  get duplicates(): number {
    return this.sendings - this.received
  }
}

/** Requests of callers with an ordering key came first in the order of their numbers. */
function isInTurn(name: string, last: Map<string, number>): boolean {
  const line = lineOf(name)
  if (line === undefined) return true
  const number = Number(name.slice(name.lastIndexOf("-") + 1))
  const before = last.get(line) ?? -1
  last.set(line, Math.max(before, number))
  return number > before
}
