import { median, ratio, spread } from "../speed/statistics.ts"
import type { Circumstances } from "../speed/report/machine.ts"
import type { Sample, Work } from "./load.ts"

/** What one candidate did at one kind of work, round by round. */
interface Row {
  readonly name: string
  readonly samples: readonly Sample[]
}

export interface WorkResult {
  readonly work: Work
  readonly rows: readonly Row[]
}

export interface Method {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
}

/** One kind of work as a table; ratios are to the plain proxy, round by round. */
export function workTable({ rows }: WorkResult): string {
  const proxy = rate(rows.find(({ name }) => name.startsWith("nginx")))
  const lines = rows.map((row) => {
    const perSecond = rate(row)
    const of = (pick: (sample: Sample) => number): string => String(median(row.samples.map(pick)))
    const cells = [
      row.name,
      Math.round(median(perSecond)).toLocaleString("en"),
      `${Math.round(spread(perSecond) * 100)} %`,
      `${ratio(perSecond, proxy).toFixed(2)} ×`,
      `${Math.round(median(row.samples.map(({ cpuUs }) => cpuUs)))} µs`,
      `${of(({ p50Ms }) => p50Ms)} ms`,
      `${of(({ p99Ms }) => p99Ms)} ms`,
    ]
    return `| ${cells.join(" | ")} |`
  })
  return [
    "| Asked | Requests/s | Spread | To nginx | CPU time | p50 | p99 |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...lines,
  ].join("\n")
}

function rate(row: Row | undefined): readonly number[] {
  return row?.samples.map(({ perSecond }) => perSecond) ?? []
}

/** The page of the report. */
export function page(
  circumstances: Circumstances,
  nginx: string,
  method: Method,
  results: readonly WorkResult[],
): string {
  const { date, processor, cores, memoryGB, system, loadBefore, versions } = circumstances
  const { rounds, seconds, connections } = method
  return `# What the gateway costs

Measured on ${date} by \`npm run bench:gateway\`, which writes this page: autocannon asks the same server over ${connections}
connections directly, through nginx as a plain proxy, and through the gateway with the standard policies.

- Machine: ${processor}, ${cores} cores, ${memoryGB} GB, ${system}; load before the run: ${loadBefore.toFixed(2)}.
- Versions: node ${versions["node"]}, autocannon ${versions["autocannon"]}, undici ${versions["undici"]}, nginx ${nginx}.
- The server, the proxy (one worker), the gateway (one process) and autocannon share the machine's ${cores} cores. Candidates take
  turns: ${rounds} rounds of ${seconds} s each, after a round to warm up. Numbers are medians of the rounds; the spread is the distance
  from the lowest to the highest round as a share of the median; a ratio is the median of the rounds' ratios. CPU time is that of the process that
  was asked, per request: where the machine does other things as well, it tells more than the rate.
- nginx hands bytes on. The gateway also judges each reply, keeps what a retry needs, counts, and adds the story to the reply.

${results.map((result) => `## ${result.work.title}\n\n${workTable(result)}`).join("\n\n")}
`
}
