import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { steadfetch, systemRuntime, type Clock } from "@steadfetch/node"
import { openOutbox, sqlite } from "@steadfetch/outbox"
import { startFaultServer, status } from "@steadfetch/testing/fault-server"
import { expect, onTestFinished, test } from "vitest"

test.each([200, 204, 205])("a %i without content leaves no time limit behind", async (code) => {
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-outbox-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  await using server = await startFaultServer({ "POST /": status(code) })
  const { clock, pending } = counted(systemRuntime().clock)
  const api = steadfetch({ baseUrl: server.origin, runtime: { clock } })
  const outbox = await openOutbox({ api, store: sqlite(join(folder, "outbox.db")) })
  outbox.run()
  const receipt = await outbox.post("/")
  expect((await receipt.settled()).state).toBe("delivered")
  await outbox.close()
  await api.close()
  expect([...pending]).toEqual([])
})

/** A clock, and the delays that it counts down, so that nothing keeps a process alive that is done. */
function counted(real: Clock): { readonly clock: Clock; readonly pending: ReadonlySet<unknown> } {
  const pending = new Set<{ readonly delayMs: number }>()
  const after: Clock["after"] = (delayMs, run) => {
    const timer = { delayMs }
    pending.add(timer)
    const callOff = real.after(delayMs, () => {
      pending.delete(timer)
      run()
    })
    return () => {
      pending.delete(timer)
      callOff()
    }
  }
  return { clock: { now: () => real.now(), date: () => real.date(), after }, pending }
}
