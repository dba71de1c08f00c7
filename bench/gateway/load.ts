import { readFile } from "node:fs/promises"
import { runCommand } from "../../tools/run-command.ts"

/** What is asked for. */
export interface Work {
  readonly id: string
  readonly title: string
  readonly path: string
  readonly method: "GET" | "POST"
  readonly body?: string
}

/** How one sample went. */
export interface Sample {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Time on a core of the process that was asked, per request. */
  readonly cpuUs: number
}

interface Told {
  readonly requests: { readonly average: number; readonly total: number }
  readonly latency: { readonly p50: number; readonly p99: number }
  readonly non2xx: number
  readonly errors: number
}

/** Who is asked. */
export interface Candidate {
  readonly name: string
  readonly origin: string
  readonly processId: number
}

/**
 * Asks an origin for as much as it gives, in a process of its own.
 * @throws Error when something else than a success came back: what is fast because it fails is not compared.
 */
export async function load(
  { origin, processId }: Candidate,
  work: Work,
  connections: number,
  seconds: number,
): Promise<Sample> {
  const body = work.body === undefined ? [] : ["-b", work.body, "-H", "content-type=application/json"]
  const command = ["autocannon", "-j", "-c", String(connections), "-d", String(seconds), "-m", work.method, ...body, origin + work.path] // prettier-ignore
  const before = await cpuMs(processId)
  const { succeeded, output } = await runCommand(command)
  if (!succeeded) throw new Error(`autocannon failed:\n${output}`)
  const told = JSON.parse(output.slice(output.indexOf("{"))) as Told
  if (told.non2xx + told.errors > 0)
    throw new Error(`${origin}: ${told.non2xx} replies were no success, ${told.errors} failed`)
  const cpuUs = (((await cpuMs(processId)) - before) * 1000) / told.requests.total
  return { cpuUs, perSecond: told.requests.average, p50Ms: told.latency.p50, p99Ms: told.latency.p99 }
}

/** How long a process has been on a core (proc(5)); Linux counts in hundredths of a second. */
async function cpuMs(processId: number): Promise<number> {
  const stat = await readFile(`/proc/${processId}/stat`, "utf8")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10
}
