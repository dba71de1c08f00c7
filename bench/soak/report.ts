import { arch, availableParallelism, cpus, totalmem, type } from "node:os"
import type { Account, Sample, Task } from "./account.ts"
import { megabytes, type Rule } from "./verdict.ts"

/** A sample in a line. */
export function sampleLine({ atSeconds, calls, heapBytes, rssBytes, sockets, timers }: Sample): string {
  const memory = `heap ${megabytes(heapBytes)}, resident set ${megabytes(rssBytes)}`
  return `${atSeconds.toFixed(0).padStart(5)} s  ${calls} calls, ${memory}, ${sockets} sockets, ${timers} timers between`
}

/** One line per rule: name, measured, required. */
export function ruleLines(rules: readonly Rule[]): string {
  return rules
    .map(({ name, measured, required, isMet }) => `${isMet ? "met   " : "BROKEN"}  ${name}  ${measured}  ${required}`)
    .join("\n")
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)))
  const line = (cells: readonly string[], fill = " "): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n")
}

/** The text of docs/soak.md. */
export function page(
  { seconds, atOnce, seed }: Pick<Task, "seconds" | "atOnce" | "seed">,
  { samples, ends }: Account,
  rules: readonly Rule[],
  day: string,
): string {
  const calls = samples.at(-1)?.calls ?? 0
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${arch()}, Node ${process.versions.node}`
  const kept = samples.filter((_, index) => index % Math.max(1, Math.floor(samples.length / 12)) === 0)
  const shown = kept.map((sample) => [
    sample.atSeconds.toFixed(0),
    `${sample.calls}`,
    megabytes(sample.heapBytes),
    megabytes(sample.rssBytes),
    `${sample.sockets}`,
    `${sample.timers}`,
  ])
  const sorted = Object.entries(ends).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const kinds = sorted.map(([name, counts]) => [
    name,
    Object.entries(counts)
      .map(([end, count]) => `${end} ${count}`)
      .join(", "),
  ])
  return `# Soak

${calls} calls in ${Number((seconds / 60).toFixed(1))} min, ${atOnce} at once, on the fetch transport, the undici transport and the drop-in fetch, against a
server that fails on purpose: 5xx, resets and closes at every moment, stalls, silence, broken framing and codings, no
HTTP, refused connections; and callers that abort, cancel and run out of time at random instants.

This page is written by \`npm run soak -- --write\` (last on ${day}; seed ${seed}; ${machine}).
\`npm run soak\` prints the same, and exits with 1 when a rule is broken. \`--minutes\`, \`--at-once\` and \`--seed\` change it.

## Verdict

${table(
  ["Rule", "Measured", "Required", "Met"],
  rules.map((rule) => [rule.name, rule.measured, rule.required, rule.isMet ? "yes" : "no"]),
)}

Calls go on in rounds of 2.5 seconds. Sockets are the most of a round. Then its calls end, garbage is collected, and memory
and timers are looked at. The first quarter of the rounds is warm-up; growth is the difference between the medians of the
two halves of the rest. Heap and buffers may grow by 20 bytes per call, half of what the smallest object left behind
takes, and by 2 MiB for compiled code.

![heap and buffers, resident set and sockets over time](soak.svg)

## Samples

${table(["Seconds", "Calls", "Heap and buffers", "Resident set", "Sockets", "Timers between"], shown)}

## How the calls ended

${table(["Kind of call", "Ends"], kinds)}
`
}
