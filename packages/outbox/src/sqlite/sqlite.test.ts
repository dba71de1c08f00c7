import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { testRuntime } from "@steadfetch/testing"
import { storeContract } from "../store-contract/index.ts"
import { sqlite } from "./sqlite.ts"

storeContract("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "outbox-"))
  const { clock } = testRuntime()
  let seed = 0
  return {
    time: { now: () => clock.date(), pass: (ms) => clock.advance(ms), stepMs: 1000, isReal: false },
    open: async () => {
      const store = sqlite(join(folder, "outbox.db"), { runtime: testRuntime({ clock, seed: ++seed }) })
      await store.open()
      return store
    },
    remove: () => rm(folder, { recursive: true }),
  }
})
