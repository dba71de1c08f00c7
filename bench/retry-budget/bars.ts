import type { PresetOptions } from "steadfetch"
import { spikes } from "./experiment-a.ts"
import { failures, type FailureEnd, type FailureSetting } from "./experiment-b.ts"
import { CHOSEN, mean, OBSERVED_MS, percent, SEED, SEEDS, withBudget } from "./tables.ts"

/** What the default budget has to achieve, and whether it does. */
export interface Bar {
  readonly name: string
  readonly measured: string
  readonly required: string
  readonly isMet: boolean
}

const DEFAULTS: PresetOptions = {}
const MANY = { clients: 100, perSecond: 10, untilMs: 60_000 }
const LONG = { clients: 10, perSecond: 10, untilMs: 400_000, countedFromMs: 100_000 }
const FEW = { clients: 50, perSecond: 1, untilMs: 60_000 }

/** Measures every bar, with the defaults of the code. */
export async function bars(): Promise<readonly Bar[]> {
  return [
    await recovers("recovery 40→80 rps, 1 process, within 20 %", 40, 1, 1.2),
    await recovers("recovery 55→110 rps, 1 process, within 20 %", 55, 1, 1.2),
    // Ten budgets add up: this guards what there is, and docs/retry-budget.md says that it is more than 20 %.
    await recovers("recovery 55→110 rps, 10 processes, within 50 %", 55, 10, 1.5),
    await succeeds("success at 10 % failures, 60 s", MANY),
    await succeeds("success at 10 % failures, long run", LONG),
    await succeeds("success at 10 % failures, 1 call/s", FEW),
    await sparesServer("load at 100 % failures", MANY),
    await sparesServer("load at 100 % failures, 1 call/s", FEW),
    await defaultsAreChosen(),
  ]
}

type Scene = Omit<FailureSetting, "failureShare" | "options">

async function recovers(name: string, perSecond: number, clients: number, factor: number): Promise<Bar> {
  const seconds = async (options: PresetOptions): Promise<number> =>
    mean(
      (await spikes({ perSecond, clients, observedMs: OBSERVED_MS, options }, SEEDS)).map(({ recoveryS }) => recoveryS),
    )
  const measured = await seconds(DEFAULTS)
  const limit = factor * (await seconds({ retry: false }))
  return { name, measured: `${measured.toFixed(2)} s`, required: `≤ ${limit.toFixed(2)} s`, isMet: measured <= limit }
}

async function succeeds(name: string, scene: Scene): Promise<Bar> {
  const { successShare } = await failures({ ...scene, failureShare: 0.1, options: DEFAULTS }, SEED)
  return { name, measured: percent(successShare), required: "≥ 99 %", isMet: successShare >= 0.99 }
}

async function sparesServer(name: string, scene: Scene): Promise<Bar> {
  const { load } = await failures({ ...scene, failureShare: 1, options: DEFAULTS }, SEED)
  return { name, measured: load.toFixed(3), required: "≤ 1.200", isMet: load <= 1.2 }
}

/** The experiment repeats itself exactly, so that two budgets which differ show it. */
async function defaultsAreChosen(): Promise<Bar> {
  const end = (options: PresetOptions): Promise<FailureEnd> => failures({ ...MANY, failureShare: 0.2, options }, SEED)
  const [measured, required] = [describe(await end(DEFAULTS)), describe(await end(withBudget(CHOSEN)))]
  const name = `defaults at 20 % failures, as ${CHOSEN.perSuccess}/${CHOSEN.capacity}`
  return { name, measured, required: `= ${required}`, isMet: measured === required }
}

function describe({ load, successShare }: FailureEnd): string {
  return `${load.toFixed(5)} / ${(successShare * 100).toFixed(3)} %`
}
