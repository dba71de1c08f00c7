import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openOutbox, sqlite, type Entry } from "@steadfetch/outbox"
import { testRuntime, virtualClock } from "@steadfetch/testing"
import { failure, steadfetch, WholeBody, type Clock, type Transport } from "steadfetch"

/** An outage to play: times in hours, rates per second. */
export interface OutagePlan {
  readonly before: { readonly hours: number; readonly perSecond: number }
  readonly outage: { readonly hours: number; readonly perSecond: number }
  /** Entries that go on coming in after it, until what has piled up is gone. */
  readonly after: { readonly perSecond: number }
}

/** What the API, and those who wait, saw of it. */
export interface OutageFigures {
  readonly added: number
  /** Of them during the outage. */
  readonly addedInOutage: number
  readonly delivered: number
  readonly expired: number
  /** Requests per second: the mean before; during; the busiest ten minutes after. */
  readonly before: number
  readonly during: number
  readonly after: number
  /** The busiest minute after. */
  readonly afterMinute: number
  /** Hours from the end of the outage until nothing waits that came in before. */
  readonly drainedHours: number
  /** The most tries that any entry took. */
  readonly mostTries: number
  /** The mean of the tries of the entries that came in during the outage. */
  readonly meanTries: number
  /** Requests per second and entries that were added, in each five minutes, by the hour of their middle. */
  readonly sent: readonly Point[]
  readonly cameIn: readonly Point[]
  readonly hours: { readonly began: number; readonly ended: number; readonly drained: number }
}

type Point = readonly [hour: number, perSecond: number]

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const BIN_MS = 5 * MINUTE_MS

/** So many entries come in at once. */
const GROUP = 5

/** Plays an outage on virtual time, over a SQLite file. */
export async function playOutage(plan: OutagePlan, seed = 1): Promise<OutageFigures> {
  const folder = await mkdtemp(join(tmpdir(), "outage-"))
  const clock = virtualClock()
  const beginsAt = plan.before.hours * HOUR_MS
  const endsAt = beginsAt + plan.outage.hours * HOUR_MS
  const sentAt: number[] = []
  const addedAt: number[] = []
  const transport = downBetween(clock, beginsAt, endsAt, sentAt)
  const api = steadfetch({ baseUrl: "https://api.test", transport, runtime: testRuntime({ clock, seed }) })
  const tries: number[] = []
  let waiting = 0
  let expired = 0
  const ended = (entry: Entry): void => {
    waiting -= 1
    tries.push(entry.tries)
  }
  const outbox = await openOutbox({
    api,
    store: sqlite(join(folder, "outbox.db")),
    on: { delivered: ended, expired: () => expired++ },
  })
  let added = 0
  /** Entries come in five at a time until then, or until nothing is left of what had piled up. */
  const comeIn = async (perSecond: number, until: number, isOver = (): boolean => false): Promise<void> => {
    const from = clock.now()
    for (let count = 0; from + (count * 1000) / perSecond < until && !isOver(); count += GROUP) {
      await clock.advance(from + (count * 1000) / perSecond - clock.now())
      await Promise.all(Array.from({ length: GROUP }, () => outbox.post("/events", { json: { number: ++added } })))
      for (let each = 0; each < GROUP; each++) addedAt.push(clock.now())
      waiting += GROUP
    }
    if (until < Number.POSITIVE_INFINITY) await clock.advance(until - clock.now())
  }
  outbox.run()
  await comeIn(plan.before.perSecond, beginsAt)
  await comeIn(plan.outage.perSecond, endsAt)
  const addedInOutage = added - sentAt.filter((at) => at < beginsAt).length
  await comeIn(plan.after.perSecond, Number.POSITIVE_INFINITY, () => waiting <= GROUP || expired > 0)
  const drainedAt = clock.now()
  await clock.advance(HOUR_MS / 4)
  await clock.runUntil(outbox.close())
  await rm(folder, { recursive: true })

  const before = sentAt.filter((at) => at < beginsAt).length
  const inOutage = tries.slice(before)
  return {
    added,
    addedInOutage,
    delivered: tries.length,
    expired,
    ...loadOf(sentAt, beginsAt, endsAt, drainedAt),
    drainedHours: (drainedAt - endsAt) / HOUR_MS,
    mostTries: Math.max(...tries),
    meanTries: inOutage.reduce((sum, count) => sum + count, 0) / inOutage.length,
    sent: perSecond(sentAt, drainedAt),
    cameIn: perSecond(addedAt, drainedAt),
    hours: { began: beginsAt / HOUR_MS, ended: endsAt / HOUR_MS, drained: drainedAt / HOUR_MS },
  }
}

type Load = Pick<OutageFigures, "before" | "during" | "after" | "afterMinute">

function loadOf(sentAt: readonly number[], beginsAt: number, endsAt: number, drainedAt: number): Load {
  const between = (from: number, until: number): number[] => sentAt.filter((at) => at >= from && at < until)
  const after = between(endsAt, drainedAt)
  return {
    before: between(0, beginsAt).length / (beginsAt / 1000),
    during: between(beginsAt, endsAt).length / ((endsAt - beginsAt) / 1000),
    after: busiest(after, 10 * MINUTE_MS),
    afterMinute: busiest(after, MINUTE_MS),
  }
}

/** An API that accepts all but between two instants; notes when requests come. */
function downBetween(clock: Clock, beginsAt: number, endsAt: number, sentAt: number[]): Transport {
  return {
    send: async () => {
      sentAt.push(clock.now())
      if (clock.now() >= beginsAt && clock.now() < endsAt) return failure("refused", "connection refused")
      const body = new WholeBody(new Uint8Array())
      return { kind: "reply", status: 204, url: undefined, headers: new Headers(), body }
    },
    close: async () => {},
  }
}

function perSecond(instants: readonly number[], until: number): Point[] {
  const counts = Array.from({ length: Math.floor(until / BIN_MS) }, () => 0)
  for (const at of instants) {
    const bin = Math.floor(at / BIN_MS)
    if (bin < counts.length) counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts.map((count, bin) => [((bin + 0.5) * BIN_MS) / HOUR_MS, (count * 1000) / BIN_MS])
}

/** The most per second in any window of this length. */
function busiest(instants: readonly number[], windowMs: number): number {
  let most = 0
  let first = 0
  instants.forEach((at, index) => {
    while ((instants[first] ?? at) <= at - windowMs) first += 1
    most = Math.max(most, index - first + 1)
  })
  return most / (windowMs / 1000)
}
