import type { Circumstances } from "../speed/report/machine.ts"
import type { Account } from "./account.ts"
import type { Rule } from "../soak/verdict.ts"

export interface Result {
  readonly account: Account
  readonly rules: readonly Rule[]
}

const NAMES = { sqlite: "SQLite", postgres: "PostgreSQL", redis: "Redis" } as const

/** The text of docs/torture.md. */
export function page(where: Circumstances, seed: number, results: readonly Result[], others: readonly Rule[]): string {
  const { date, processor, cores, memoryGB, system, loadBefore, versions } = where
  const rules = [...results.flatMap((result) => result.rules), ...others]
  return `# Torture

Processes that use an outbox are killed with SIGKILL at random instants while they are at work, and so are PostgreSQL and Redis
themselves. Two processes enqueue, eight callers each; two deliver, up to 32 requests at a time each, to a server that writes down
what comes in. What was killed begins again at once. Callers enqueue again, with the same key, what was not acknowledged. After
every ten instants the rest is delivered, the store is opened anew and looked through, and another outbox begins. The
processes' time runs 20 times as fast as real time, so that leases of the dead end while others are being killed.

Each request is written down with its Idempotency-Key. An acknowledged request that does not come in is lost. One that comes in
more often than once is a duplicate: its sender was killed between its sending and the writing down of its end, which is what
"at least once" says.

This page is written by \`npm run torture -- --write\` (last on ${date}, seed ${seed}; ${processor}, ${cores} cores,
${memoryGB} GB, ${system}, Node ${versions["node"]}; load before the run: ${loadBefore.toFixed(2)}). \`npm run torture\` prints the
verdict, and exits with 1 when a rule is broken. A short form is among the tests: \`e2e/outbox/torture.test.ts\`.

## Figures

${figures(results.map(({ account }) => account))}

"Known" were stored before their process was killed, but not acknowledged: enqueued again, they were found by their key.
Refused calls threw an error while the server was away or the outbox was full, and were made again.

Looked through is: in SQLite \`PRAGMA integrity_check\`, the counts and each body's file (\`store.check()\`); in PostgreSQL each index
beside its table (amcheck), and that no ticket is left; in Redis that it reads its append-only file. In each, how many it says were
delivered is how many came in.

## Verdict

| Rule | Measured | Required | |
| --- | --- | --- | --- |
${rules.map(({ name, measured, required, isMet }) => `| ${name} | ${measured} | ${required} | ${isMet ? "met" : "**broken**"} |`).join("\n")}

A process that is killed loses what it has in memory. What a power cut does to a disk is not shown here: that is what
\`synchronous=FULL\`, \`synchronous_commit\` and \`appendfsync always\` are for.
`
}

/** What was done and what came of it, store by store. */
export function figures(accounts: readonly Account[]): string {
  const row = (name: string, of: (account: Account) => string | number): string =>
    `| ${name} | ${accounts.map((account) => of(account)).join(" | ")} |`
  const kills = (kind: string) => (account: Account) => account.kills[kind] ?? 0
  return [
    row("", ({ kind }) => NAMES[kind]),
    row("---", () => "---:"),
    row("Instants", (account) => Object.values(account.kills).reduce((sum, count) => sum + count, 0)),
    row("of which killed a worker", kills("worker")),
    row("a process that enqueues", kills("enqueuer")),
    row("the server", kills("server")),
    row("Acknowledged", ({ acknowledged }) => acknowledged),
    row("of which known", ({ known }) => known),
    row("Refused calls", ({ refused }) => Object.values(refused).reduce((sum, count) => sum + count, 0)),
    row("Requests that came in", ({ received }) => received),
    row("Duplicates", ({ duplicates }) => duplicates),
    row("Most often sent", ({ mostTimes }) => mostTimes),
    row("Seconds", ({ seconds }) => seconds.toFixed(0)),
  ].join("\n")
}
