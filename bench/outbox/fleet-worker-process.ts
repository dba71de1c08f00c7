/** Delivers what an outbox in PostgreSQL holds, to an API that is played here; tells now and then how much it has sent. */
import { openOutbox } from "@steadfetch/outbox"
import { postgres } from "@steadfetch/outbox/postgres"
import { steadfetch, WholeBody } from "steadfetch"
import type { FleetTask, Progress } from "./fleet.ts"

const { connectionString, latencyMs } = JSON.parse(process.argv[2] ?? "") as FleetTask
const IN_FLIGHT = 32
const TELLS_EVERY_MS = 50

let sent = 0
let lastAt = 0

/** Replies when the API would: at once, or after its time. */
const served = (): Promise<void> =>
  new Promise((resolve) => void (latencyMs === 0 ? setImmediate(resolve) : setTimeout(resolve, latencyMs)))

const api = steadfetch({
  baseUrl: "https://api.test",
  transport: {
    send: async () => {
      await served()
      sent += 1
      lastAt = Date.now()
      return {
        kind: "reply",
        status: 204,
        url: undefined,
        headers: new Headers(),
        body: new WholeBody(new Uint8Array()),
      }
    },
    close: async () => {},
  },
})
const store = postgres({ connectionString })
const outbox = await openOutbox({ api, store, concurrency: { total: IN_FLIGHT, perOrigin: IN_FLIGHT } })
process.send?.("ready")
process.on("message", (message) => void (message === "go" ? go() : end()))
process.on("disconnect", () => process.exit())

const telling: { timer?: NodeJS.Timeout } = {}
function go(): void {
  const before = process.cpuUsage()
  outbox.run()
  telling.timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    process.send?.({ sent, lastAt, processorMs: (user + system) / 1000 } satisfies Progress)
  }, TELLS_EVERY_MS)
}

async function end(): Promise<void> {
  clearInterval(telling.timer)
  await outbox.close()
  process.disconnect()
}
