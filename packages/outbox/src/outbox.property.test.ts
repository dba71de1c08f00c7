import { seededRandom, testRuntime, virtualClock, type VirtualClock } from "@steadfetch/testing"
import * as fc from "fast-check"
import {
  failure,
  pause,
  signalFailure,
  steadfetch,
  WholeBody,
  type Exchange,
  type Outcome,
  type Transport,
} from "steadfetch"
import { expect, test } from "vitest"
import { openOutbox } from "./open-outbox.ts"
import type { Outbox } from "./outbox.ts"
import { TestStore } from "./test-store.ts"

interface Sent {
  readonly id: string
  readonly at: number
  readonly request: string
  endedAt: number
  outcome: number | "none" | "aborted"
}

/** A server that does as chance will, and sees what must never be. */
class Judge {
  readonly sent: Sent[] = []
  readonly problems: string[] = []
  readonly #clock: VirtualClock
  readonly #random: () => number
  readonly #underWay = new Map<string, Sent>()
  /** From then on it accepts everything. */
  isKind = false

  constructor(clock: VirtualClock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  readonly transport: Transport = {
    send: (exchange) => this.#send(exchange),
    close: async () => {},
  }

  async #send({ request, signal }: Exchange): Promise<Outcome> {
    const id = new URL(request.url).pathname.slice(1)
    const body = request.body?.open() as Uint8Array
    const key = request.headers.find(([name]) => name === "idempotency-key")?.[1]
    const sent: Sent = {
      id,
      at: this.#clock.now(),
      request: `${Buffer.from(body).toString()} ${key}`,
      endedAt: Infinity,
      outcome: "none",
    }
    if (this.#underWay.has(id)) this.problems.push(`${id} is sent twice at the same time`)
    this.#underWay.set(id, sent)
    this.sent.push(sent)
    const slow = this.#random() < 0.05
    await pause(this.#clock, slow ? 200_000 * this.#random() : 500 * this.#random(), signal)
    this.#underWay.delete(id)
    sent.endedAt = this.#clock.now()
    if (signal?.aborted === true) {
      sent.outcome = "aborted"
      return signalFailure(signal.reason)
    }
    const chance = this.#random()
    if (!this.isKind && chance < 0.2) return failure("reset", "reset")
    const status = this.isKind ? 204 : chance < 0.4 ? 503 : chance < 0.5 ? 429 : chance < 0.65 ? 422 : 204
    sent.outcome = status
    const headers = new Headers(status === 429 ? { "retry-after": String(Math.ceil(this.#random() * 30)) } : {})
    return { kind: "reply", status, url: undefined, headers, body: new WholeBody(new Uint8Array()) }
  }
}

interface Play {
  readonly clock: VirtualClock
  readonly judge: Judge
  readonly store: TestStore
  readonly outboxes: Outbox[]
  readonly random: () => number
  readonly open: (seed: number) => Promise<Outbox>
}

async function begin(seed: number, encrypted: boolean): Promise<Play> {
  const clock = virtualClock({ settles: "promises" })
  const random = seededRandom(seed)
  const judge = new Judge(clock, random)
  const store = new TestStore()
  const open = (clientSeed: number): Promise<Outbox> => {
    const api = steadfetch({
      baseUrl: "https://api.test", transport: judge.transport, timeout: false, deadline: false,
      runtime: { ...testRuntime({ clock, seed: clientSeed }), uniqueId: () => `key-${random()}` },
    }) // prettier-ignore
    const encryption = encrypted ? { key: Buffer.alloc(32, 1) } : undefined
    return openOutbox({
      api,
      store,
      encryption,
      lifetimeMs: 7_200_000,
      keep: { deliveredMs: Infinity },
      concurrency: { total: 6, perOrigin: 4 },
    })
  }
  return { clock, judge, store, outboxes: [await open(seed + 1), await open(seed + 2)], random, open }
}

/** One thing that happens to an outbox. */
type Step = "add" | "ordered" | "amend" | "retry" | "discard" | "pass" | "long" | "stop" | "run" | "trouble" | "hurry"

const steps = fc.constantFrom<Step>(
  "add",
  "ordered",
  "ordered",
  "amend",
  "retry",
  "discard",
  "pass",
  "pass",
  "long",
  "stop",
  "run",
  "trouble",
  "hurry",
)

async function take({ clock, store, outboxes, random }: Play, step: Step, number: number): Promise<void> {
  const outbox = outboxes[Math.floor(random() * outboxes.length)]
  if (outbox === undefined) return
  const ids = [...store.rows.keys()]
  const id = ids[Math.floor(random() * ids.length)] ?? "none"
  const ignore = (): void => {}
  const orderingKey = `line-${Math.floor(random() * 3)}`
  const afterRejection = random() < 0.5 ? ("hold" as const) : ("skip" as const)
  switch (step) {
    case "add":
      await outbox.post(`/e${number}`, { json: { number }, priority: Math.floor(random() * 5) })
      return
    case "ordered":
      await outbox.post(`/e${number}`, { json: { number }, orderingKey, afterRejection })
      return
    case "amend":
      return void (await outbox.amend(id, { json: { number, changed: true } }).catch(ignore))
    case "retry":
      return void (await outbox.retry(id).catch(ignore))
    case "discard":
      return outbox.discard(id).catch(ignore)
    case "pass":
      return clock.advance(random() * 2000)
    case "long":
      return clock.advance(random() * 300_000)
    case "stop":
      return void outbox.stop({ graceMs: random() * 1000 })
    case "run":
      return outbox.run()
    case "trouble":
      for (const method of ["claim", "conclude", "renew"])
        if (random() < 0.5) store.failures.push({ method, error: new Error("away") })
      return
    case "hurry":
      for (const outbox of outboxes) outbox.run()
      return clock.advance(100)
  }
}

/** Lets everything come to its end: what is rejected, or held up by that, stays as it is. */
async function finish({ clock, judge, outboxes }: Play): Promise<void> {
  judge.isKind = true
  await clock.runUntil(Promise.all(outboxes.map((outbox) => outbox.stop())))
  for (const outbox of outboxes) outbox.run()
  await clock.advance(7_300_000)
  await clock.runUntil(Promise.all(outboxes.map((outbox) => outbox.close())))
}

/** What must never be, and was. */
function problemsOf({ judge, store }: Play): string[] {
  const problems = [...judge.problems]
  for (const { entry } of store.rows.values())
    if (entry.state === "waiting" || entry.state === "sending") problems.push(`${entry.id} has not come to an end`)
  for (const [path, sent] of Map.groupBy(judge.sent, ({ id }) => id)) {
    sent.forEach(({ outcome, request }, index) => {
      const next = sent[index + 1]
      if (outcome === 422 && next?.request === request) problems.push(`${path} was refused, and sent again unchanged`)
      if (outcome === 204 && next !== undefined) problems.push(`${path} was accepted, and sent again`)
    })
  }
  return problems
}

/** Entries that were first sent before the one before them in their ordering key was settled. */
function overtaking({ judge }: Play, lines: ReadonlyMap<string, readonly string[]>): string[] {
  return [...lines.values()].flatMap((line) => {
    let settledAt = 0
    return line.filter((path) => {
      const sent = judge.sent.filter(({ id }) => id === path)
      const isEarly = (sent[0]?.at ?? Number.POSITIVE_INFINITY) < settledAt
      settledAt = sent.find(({ outcome }) => outcome === 204)?.endedAt ?? settledAt
      return isEarly
    })
  })
}

test.each([false, true])(
  "under any schedule nothing is lost, sent twice at once, or sent again unchanged; encrypted: %s",
  async (encrypted) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 1, max: 1e6 }),
        async (plan, seed) => {
          const play = await begin(seed, encrypted)
          for (const [number, step] of plan.entries()) await take(play, step, number)
          await finish(play)
          expect(problemsOf(play)).toEqual([])
          expect(encrypted && /number|line-|\/e\d/.test(play.store.raw)).toBe(false)
        },
      ),
      { numRuns: 25 },
    )
  },
  120_000,
)

test("within an ordering key nothing overtakes, whatever the replies", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1e6 }),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 30 }),
      async (seed, keys) => {
        const play = await begin(seed, false)
        const lines = new Map<string, string[]>()
        for (const outbox of play.outboxes) outbox.run()
        for (const [number, line] of keys.entries()) {
          const key = `line-${line}`
          const [outbox] = play.outboxes
          await outbox?.post(`/e${number}`, { json: { number }, orderingKey: key, afterRejection: "skip" })
          lines.set(key, [...(lines.get(key) ?? []), `e${number}`])
          await play.clock.advance(play.random() * 300)
        }
        await play.clock.advance(60_000)
        await finish(play)
        expect(problemsOf(play)).toEqual([])
        expect(overtaking(play, lines)).toEqual([])
      },
    ),
    { numRuns: 25 },
  )
}, 120_000)
