import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { steadfetch } from "@steadfetch/node"
import { openOutbox, sqlite, type Outbox } from "@steadfetch/outbox"
import { startFaultServer, type FaultServer, type Script } from "@steadfetch/testing/fault-server"
import { servePage } from "@steadfetch/watch"
import { onTestFinished } from "vitest"

export interface OutboxStage {
  readonly outbox: Outbox
  readonly server: FaultServer
  readonly url: string
  /** The file of the outbox. */
  readonly file: string
}

/** An outbox that delivers to an API with faults, and the page that shows it. */
export async function outboxStage(script: Script): Promise<OutboxStage> {
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-"))
  const file = join(folder, "outbox.db")
  const server = await startFaultServer(script)
  const api = steadfetch({ baseUrl: server.origin })
  const outbox = await openOutbox({ api, store: sqlite(file) })
  outbox.run()
  const page = await servePage(() => [], { key: "a-key", outbox })
  onTestFinished(async () => {
    await page.close()
    await outbox.close({ graceMs: 0 })
    await api.close()
    await server.close()
    await rm(folder, { recursive: true })
  })
  return { outbox, server, url: page.url, file }
}
