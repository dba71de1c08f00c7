/** What the gateway costs, beside nginx as a plain proxy. Writes docs/bench/gateway.md; --quick tries it out and writes nothing. */
import { writeFile } from "node:fs/promises"
import { nginxProgram } from "../../e2e/nginx/nginx.ts"
import { runCommand } from "../../tools/run-command.ts"
import { circumstances } from "../speed/report/machine.ts"
import { load, type Sample, type Work } from "./load.ts"
import { page, workTable, type Method, type WorkResult } from "./report.ts"
import { stage } from "./stage.ts"

const isQuick = process.argv.includes("--quick")
const method: Method = isQuick ? { rounds: 1, seconds: 1, connections: 50 } : { rounds: 5, seconds: 4, connections: 50 }

const works: readonly Work[] = [
  { id: "small", title: "GET, 56 bytes of JSON", path: "/small", method: "GET" },
  { id: "large", title: "GET, a file of 105 kB", path: "/large", method: "GET" },
  { id: "post", title: "POST, 1 kB of JSON", path: "/small", method: "POST", body: JSON.stringify({ text: "w".repeat(1000) }) }, // prettier-ignore
]

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const where = await circumstances([], ["autocannon", "undici"])
const { output: said } = await runCommand([await nginxProgram(), "-v"])
const nginx = /nginx\/(\S+)/.exec(said)?.[1] ?? "unknown"
await using open = await stage()
const results: WorkResult[] = []
for (const work of works) {
  const rows = open.candidates.map((candidate) => ({ name: candidate.name, candidate, samples: [] as Sample[] }))
  for (const { candidate } of rows) await load(candidate, work, method.connections, method.seconds)
  for (let round = 0; round < method.rounds; round++) {
    for (const { candidate, samples } of rows)
      samples.push(await load(candidate, work, method.connections, method.seconds))
  }
  const result = { work, rows }
  results.push(result)
  print(`\n${work.title}\n\n${workTable(result)}`)
}
if (!isQuick) {
  const path = new URL("../../docs/bench/gateway.md", import.meta.url)
  await writeFile(path, page(where, nginx, method, results))
  await runCommand(["oxfmt", path.pathname])
}
