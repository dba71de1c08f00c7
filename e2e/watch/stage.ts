import { steadfetch } from "@steadfetch/node"
import { startFaultServer, type Script } from "@steadfetch/testing/fault-server"
import { Collector, servePage, type PageServer, type Program } from "@steadfetch/watch"
import { onTestFinished } from "vitest"

/** An API with faults, a client of it, and the page that shows the client's calls. */
export async function stage(script: Script) {
  const server = await startFaultServer(script)
  const api = steadfetch({ baseUrl: server.origin, retry: { baseMs: 5 } })
  const collector = new Collector()
  const stop = collector.listen(api)
  const { picture } = collector
  /** What the page is served of; a test may change it. */
  const programs: Program[] = [{ id: "1-a", name: "orders.ts (1)", since: 0, isRunning: true, picture }]
  const open = (port = 0): Promise<PageServer> => servePage(() => programs, { port, key: "a-key" })
  const page = await open()
  onTestFinished(async () => {
    stop()
    await page.close()
    await server.close()
  })
  return { api, server, picture, programs, open, page, url: page.url }
}
