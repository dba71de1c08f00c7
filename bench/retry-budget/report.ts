import { SPIKE } from "./experiment-a.ts"
import { REPLY_MS } from "./experiment-b.ts"
import type { Bar } from "./bars.ts"
import { CHOSEN, OBSERVED_MS, SEED, SEEDS, type Table } from "./tables.ts"

/** A Markdown table with its title, in even columns. */
export function markdown({ title, head, rows }: Table): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)))
  const line = (cells: readonly string[], fill = " "): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`
  return [`### ${title}`, "", line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n")
}

/** One line per bar: name, measured, required. */
export function barLines(bars: readonly Bar[]): string {
  return bars
    .map(({ name, measured, required, isMet }) => `${isMet ? "met   " : "MISSED"}  ${name}  ${measured}  ${required}`)
    .join("\n")
}

function barTable(bars: readonly Bar[]): Table {
  return {
    title: "Bars",
    head: ["Bar", "Measured", "Required", "Met"],
    rows: bars.map(({ name, measured, required, isMet }) => [name, measured, required, isMet ? "yes" : "no"]),
  }
}

/** The text of docs/retry-budget.md. */
export function document(bars: readonly Bar[], tables: readonly Table[], day: string): string {
  return `# How the retry budget's numbers were chosen

A budget bounds retries: a bucket per origin and client, full at the start, from which each retry takes a token and to
which each success adds a part of one. The numbers are **${CHOSEN.perSuccess} tokens per success and at most ${CHOSEN.capacity} tokens**. A refusal (a
4xx other than 429 that is not to be sent again) counts as a success here: it is the work of a server that is well, and who
asks mostly for what is not there must not run out of retries. The experiments below have no refusals.

This page is written by \`npm run bench:budget -- --write\` (last on ${day}; seeds ${SEEDS.join(", ")} for A, ${SEED} for B).
\`npm run bench:budget\` prints the tables, \`npm run bench:budget -- --check\` measures the bars with the defaults of the
code and fails when one is missed.

## Method

The real pipeline, \`standard()\` with its defaults (10 attempts, 500 ms doubling up to 20 s with full jitter, a deadline of
60 s), calls a simulated server on a virtual clock. Calls begin at random, independently of each other and of how earlier
ones fared. All randomness is seeded: the same code prints the same tables. A process is a pipeline with a budget of its own.

**A, a spike.** The server takes ${SPIKE.idleMs / 1000} s and ${SPIKE.perConcurrentMs / 1000} s more for each request it is working on, and finishes what it
began, also when the client gave up, which it does after ${SPIKE.attemptMs / 1000} s per attempt. The load doubles for ${(SPIKE.endsMs - SPIKE.beginsMs) / 1000} s. Goodput is back when
every window of 5 s from there on holds at least 95 % of the successes that the same calls have without the spike; "never"
means not within ${OBSERVED_MS / 1000} s. Shown are the mean and the range over ${SEEDS.length} seeds; load is requests per call from the spike's start on.

**B, failures.** The server answers each request within ${REPLY_MS} ms, a random share of them with 503. Shown are requests per call, and
the calls that succeeded in the end.

## Why these numbers

- **${CHOSEN.perSuccess} per success.** At 10 % failures a call needs 0.111 retries (0.1 + 0.01 + …). With 0.1 per success the bucket
  runs dry after some minutes and success falls below 99 %; a short experiment does not show it, as it lives on the tokens
  of the start. 0.11 and 0.12 pass, with less to spare when failures come in bursts or grow. ${CHOSEN.perSuccess} has that margin, and
  the load still stays below 1.15 at every share of failures once the tokens of the start are gone. The spike does not tell
  these values apart: while a server times out entirely, nothing is added.
- **At most ${CHOSEN.capacity}.** A lone call, which has earned nothing yet, can make all of its 9 retries and so outlast a restart
  of the server; with 5 tokens it would give up after about 8 s. With 20, a client with one call per second puts more than
  1.2 times its load on a server that is down for a minute, and recovery takes longer.
- **No rate floor.** Retries that are allowed whatever happens keep a small service down for good.

## What to know

- Budgets add up. Ten processes hold ten buckets, and each token spent on a server in collapse costs it time: with ten
  small processes (4 or 5 calls per second each) recovery takes about 40 % longer than without retries, not 20 %. Only a
  bucket of 3 stays within 20 % there, and it falls just short of 99 % at 10 % failures and leaves a lone call 3 retries.
  Where many processes face one small server, that is the better choice: \`retry: { budget: { capacity: 3 } }\`.
- A process that makes one call and ends is bounded by its attempts and its deadline, not by the budget.
- Near the edge, where a server has hardly any reserve and chance alone brings it to its limit, every retry costs: with the
  chosen budget up to 12 in 100 calls fewer succeed than without retries (without a budget nearly all fail). A client is the
  wrong place to help there: the server has to shed load.
- Tried and left out: to give a token back when its retry succeeds. With 0.05 per success that lets slightly more through
  at 20 % failures and less at 50 %, but its load reaches 1.22 at 18 % (calculated). Also a first retry that costs more than later ones:
  with ten processes it recovers no sooner than a bucket of half the size.

## Results

${[barTable(bars), ...tables].map(markdown).join("\n\n")}
`
}
