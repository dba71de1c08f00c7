import { describe, expect, test } from "vitest"
import { Child } from "./child.ts"
import type { ClientTasks, ServerTasks } from "./tasks.ts"

const ground = { origin: "http://127.0.0.1:9", connections: 1, retries: false }

describe("a process of its own", () => {
  test("the server listens, and answers a client that proves it gets the right answer", async () => {
    using server = new Child<ServerTasks>("./server/server-process.ts")
    using client = new Child<ClientTasks>("./client-process.ts")
    const origin = await server.ask("listen")
    await client.ask("open", { client: "undici dispatch", ground: { ...ground, origin } })
    const { calls } = await client.ask("load", { kind: "post", concurrency: 2, seconds: 0.001 })
    expect(calls).toBeGreaterThanOrEqual(2)
  })

  test("a task that fails says why, causes included", async () => {
    using client = new Child<ClientTasks>("./client-process.ts")
    await client.ask("open", { client: "global fetch", ground })
    await expect(client.ask("load", { kind: "get", concurrency: 1, seconds: 0.001 })).rejects.toThrow(
      /^fetch failed: .+/,
    )
  })

  test("a process that ends in the middle of a task fails it", async () => {
    const client = new Child<ClientTasks>("./client-process.ts")
    const asked = client.ask("create", { seconds: 60 })
    client[Symbol.dispose]()
    await expect(asked).rejects.toThrow(`its process ended (SIGTERM) during "create"`)
  })
})
