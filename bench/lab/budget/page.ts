import { table } from "../report/markdown.ts"
import { CHOSEN, edgeTable, failureTable, fewCallsTable, longRunTable, oneCallTable, spikeTable } from "./tables.ts"

/** The text of docs/lab/retry-budget.md. */
export async function budgetPage(day: string): Promise<string> {
  const tables: string[] = []
  for (const each of [spikeTable, edgeTable, failureTable, longRunTable, fewCallsTable, oneCallTable]) {
    tables.push(table(await each()))
  }
  return `# How the retry budget's numbers were chosen

A budget bounds retries: a bucket per origin and client, full at the start, from which each retry takes a token and to
which each success adds a part of one. The numbers are **${CHOSEN.perSuccess} tokens per success and at most ${CHOSEN.capacity} tokens**. A refusal (a
4xx other than 429 that is not to be sent again) counts as a success here: it is the work of a server that is well, and who
asks mostly for what is not there must not run out of retries. The experiments below have no refusals.

This page is written by \`npm run lab\` (last on ${day}). The experiments are A and B of [the lab](README.md), with the
defaults of \`standard()\`: 10 attempts, 500 ms doubling up to 20 s with full jitter, a deadline of 60 s. A process is a
pipeline with a budget of its own.

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
- A process that makes one call and ends is bounded by its attempts and its deadline, not by the budget; what a million of
  them do to a fleet is [in the lab](README.md#an-outage-at-scale).
- Near the edge, where a server has hardly any reserve and chance alone brings it to its limit, every retry costs: with the
  chosen budget up to 12 in 100 calls fewer succeed than without retries (without a budget nearly all fail). A client is the
  wrong place to help there: the server has to shed load.
- Tried and left out: to give a token back when its retry succeeds. With 0.05 per success that lets slightly more through
  at 20 % failures and less at 50 %, but its load reaches 1.22 at 18 % (calculated). Also a first retry that costs more than later ones:
  with ten processes it recovers no sooner than a bucket of half the size.

## Results

${tables.join("\n\n")}
`
}
