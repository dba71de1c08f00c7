import type { BudgetOptions } from "steadfetch"
import { recovery } from "../experiments/a-spike.ts"
import { SEED, SEEDS } from "../experiments/seeds.ts"
import { mean, percent, type Table } from "../findings.ts"
import { NO_RETRIES, steady, type Lineup } from "../lineups.ts"
import { failures, type FailureSetting } from "../simulation/failing.ts"
import { spikes } from "../simulation/spike.ts"

/** The numbers chosen; a test of the lab proves that they are the defaults of `retry()`. */
export const CHOSEN = { perSuccess: 0.15, capacity: 10 }

const UNBUDGETED: readonly Lineup[] = [
  steady("2 retries at once, no budget", { retry: { attempts: 3, baseMs: 0, budget: false } }),
  steady("2 retries, full jitter, no budget", { retry: { attempts: 3, budget: false } }),
  steady("9 retries, full jitter, no budget", { retry: { budget: false } }),
]

export const withBudget = (budget: BudgetOptions): Lineup => steady("", { retry: { budget } })

function budgets(perSuccesses: readonly number[], capacities: readonly number[]): Lineup[] {
  return perSuccesses.flatMap((perSuccess) =>
    capacities.map((capacity) => ({ ...withBudget({ perSuccess, capacity }), name: name({ perSuccess, capacity }) })),
  )
}

function name({ perSuccess, capacity }: typeof CHOSEN): string {
  const isChosen = perSuccess === CHOSEN.perSuccess && capacity === CHOSEN.capacity
  return `${perSuccess} per success, at most ${capacity}${isChosen ? " (chosen)" : ""}`
}

export async function spikeTable(): Promise<Table> {
  const rows: string[][] = []
  const capacities = budgets([CHOSEN.perSuccess], [3, 5, 10, 20, 50])
  for (const lineup of [NO_RETRIES, ...UNBUDGETED, ...budgets([0.05, 0.1, 0.2], [10]), ...capacities]) {
    const row = [lineup.name]
    for (const perSecond of [40, 55]) {
      for (const clients of [1, 10]) {
        const ends = await spikes({ perSecond, clients, observedMs: 60_000, lineup }, SEEDS)
        row.push(recovery(ends), mean(ends.map(({ load }) => load)).toFixed(2))
      }
    }
    rows.push(row)
  }
  const columns = ["40→80, 1 process", "40→80, 10 processes", "55→110, 1 process", "55→110, 10 processes"]
  return {
    title: "A. Seconds after a spike until goodput is back, and requests per call",
    head: ["Policy", ...columns.flatMap((column) => [column, "load"])],
    rows,
  }
}

/** The spike where the server has hardly any reserve and chance alone brings it to its limit now and then. */
export async function edgeTable(): Promise<Table> {
  const rows: string[][] = []
  const capacities = budgets([CHOSEN.perSuccess], [3, 10, 20])
  for (const lineup of [NO_RETRIES, ...UNBUDGETED.slice(1, 2), ...budgets([0.1, 0.2], [10]), ...capacities]) {
    const ends = await spikes({ perSecond: 62, clients: 1, observedMs: 180_000, lineup }, SEEDS)
    const succeeded = ends.map(({ successShare }) => percent(successShare))
    rows.push([lineup.name, mean(ends.map(({ load }) => load)).toFixed(2), succeeded.join(", ")])
  }
  return {
    title: "A, near the edge: 62→124, 1 process, until 180 s after the spike",
    head: ["Policy", "Load", "Successful calls, per seed"],
    rows,
  }
}

const SHARES = [0, 0.01, 0.1, 0.2, 0.5, 1]

export function failureTable(): Promise<Table> {
  const rows = [NO_RETRIES, ...UNBUDGETED.slice(2), ...budgets([0.05, 0.1, 0.15, 0.2], [10])]
  const title = "B. Requests per call and successful calls: 100 processes with 10 calls/s each, 60 s"
  return sharesTable(title, rows, { clients: 100, perSecond: 10, untilMs: 60_000 })
}

/** Once the tokens of the start are gone. */
export function longRunTable(): Promise<Table> {
  const rows = [...budgets([0.1, 0.11, 0.12, 0.15, 0.2], [10]), ...budgets([CHOSEN.perSuccess], [3, 5, 20])]
  const title = "B, in the long run: 10 processes with 10 calls/s each, seconds 100 to 400"
  const setting = { clients: 10, perSecond: 10, untilMs: 400_000, countedFromMs: 100_000 }
  return sharesTable(title, rows, setting, [0.05, 0.1, 0.2])
}

/** A client that calls now and then. */
export function fewCallsTable(): Promise<Table> {
  const rows = [NO_RETRIES, ...budgets([CHOSEN.perSuccess], [5, 10, 20])]
  const title = "B, few calls: 1 call/s for 60 s, the mean of 50 such processes"
  return sharesTable(title, rows, { clients: 50, perSecond: 1, untilMs: 60_000 })
}

/** A process that makes one call only, as a command line does. */
export function oneCallTable(): Promise<Table> {
  const rows = [NO_RETRIES, ...budgets([CHOSEN.perSuccess], [3, 5, 10, 20])]
  const title = "B, one call per process: the mean of 2000 processes"
  return sharesTable(title, rows, { clients: 2000, perSecond: "once", untilMs: 0 })
}

async function sharesTable(
  title: string,
  rows: readonly Lineup[],
  setting: Omit<FailureSetting, "failureShare" | "lineup">,
  shares: readonly number[] = SHARES,
): Promise<Table> {
  const filled: string[][] = []
  for (const lineup of rows) {
    const row = [lineup.name]
    for (const failureShare of shares) {
      const { load, successShare } = await failures({ ...setting, failureShare, lineup }, SEED)
      row.push(`${load.toFixed(2)} / ${percent(successShare)}`)
    }
    filled.push(row)
  }
  return { title, head: ["Policy", ...shares.map((share) => `${share * 100} % fail`)], rows: filled }
}
