import { seededRandom } from "steadfetch"
import { Actor, type Victim } from "./actor.ts"
import { Account } from "./account.ts"
import { receiver } from "./receiver.ts"
import { stages, type Stage } from "./stage.ts"
import { storeAt, type Place, type Task } from "./task.ts"

/** What is to be suffered. */
export interface Plan {
  readonly kind: Place["kind"]
  readonly seed: number
  /** Outboxes, one after the other, each new. */
  readonly outboxes: number
  /** Instants in the life of each at which something is killed. */
  readonly instants: number
  /** Of each kind. */
  readonly processes: number
  /** So many times as fast as real time. */
  readonly speed: number
}

/** Between two instants of killing pass up to so many milliseconds. */
const LONGEST_PAUSE_MS = 500

/** The share of those that are killed while they begin. The others are killed under load: after so many acknowledgements. */
const EARLY = 0.2
const ACKNOWLEDGED_BETWEEN = 25
const MOST_WAIT_MS = 10_000

/** Requests that are enqueued at the same time by one process. */
const CALLERS = 8

/** What is not delivered by then is lost. */
const PATIENCE_MS = 120_000

/** Kills at random instants what enqueues, delivers and keeps, then lets the rest be delivered. Resolves to what came of it. */
export async function torture(plan: Plan): Promise<Account> {
  const random = seededRandom(plan.seed)
  const account = new Account(plan.kind)
  const startedAt = performance.now()
  for (let index = 0; index < plan.outboxes; index++) {
    await using stage = await stages[plan.kind]()
    await tortureOne(stage, plan, `o${index}`, random, account)
  }
  account.seconds = (performance.now() - startedAt) / 1000
  return account
}

async function tortureOne(
  stage: Stage,
  plan: Plan,
  name: string,
  random: () => number,
  account: Account,
): Promise<void> {
  await using server = await receiver(random)
  const { place } = stage
  const epoch = Date.now()
  const numbers = Array.from({ length: plan.processes }, (_, index) => index)
  const taskOf = (own: string): Task => ({
    place, epoch, baseUrl: server.baseUrl, speed: plan.speed, name: own,
    next: Array.from({ length: CALLERS }, (_, caller) => account.nextOf(`${own}-${caller}`)),
  }) // prettier-ignore
  const actors = (kind: Actor["kind"]): Actor[] =>
    numbers.map(
      (number) =>
        new Actor(
          kind,
          () => taskOf(`${name}.${number}`),
          (line) => account.told(line),
        ),
    )
  const [enqueuers, workers] = [actors("enqueuer"), actors("worker")]
  const victims: Victim[] = [...enqueuers, ...workers, ...(stage.server === undefined ? [] : [stage.server])]
  try {
    await Promise.all([...enqueuers, ...workers].map((actor) => actor.begin()))
    await Promise.all([...enqueuers, ...workers].map((actor) => actor.ready()))
    for (let instant = 0; instant < plan.instants; instant++) {
      const victim = victims[Math.floor(random() * victims.length)]
      if (victim === undefined) break
      if (random() >= EARLY) {
        await victim.ready()
        await underLoad(account)
      }
      await pause(random() * LONGEST_PAUSE_MS)
      await victim.kill()
      account.killed(victim.kind)
      await victim.begin()
    }
    for (const enqueuer of enqueuers) await enqueuer.kill()
    await delivered(place, workers)
  } finally {
    for (const actor of [...enqueuers, ...workers]) await actor.kill()
  }
  account.problems.push(...(await stage.check()))
  account.settle(await countsOf(place), server.received)
}

/** Resolves once some more were acknowledged; a full outbox takes its time. */
async function underLoad(account: Account): Promise<void> {
  const enough = account.acknowledged + ACKNOWLEDGED_BETWEEN
  const until = performance.now() + MOST_WAIT_MS
  while (account.acknowledged < enough && performance.now() < until) await pause(5)
}

/** Resolves once nothing waits. */
async function delivered(place: Place, workers: readonly Actor[]): Promise<void> {
  for (const worker of workers) await worker.ready()
  const until = performance.now() + PATIENCE_MS
  for (let left = 1; left > 0 && performance.now() < until;) {
    await pause(100)
    const { waiting = 0, sending = 0 } = await countsOf(place)
    left = waiting + sending
  }
}

async function countsOf(place: Place): Promise<Readonly<Record<string, number>>> {
  const store = await storeAt(place)
  await store.open()
  const counts = await store.counts()
  await store.close()
  return counts[0]?.states ?? {}
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))
