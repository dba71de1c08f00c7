import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import type { Store } from "@steadfetch/outbox"
import { redisProgram, startRedis, type RedisServer } from "../servers/redis.ts"
import { redisStage } from "./redis-backing.ts"

let server: RedisServer

beforeAll(async () => {
  await redisProgram()
  server = await startRedis()
}, 300_000)

afterAll(() => server[Symbol.asyncDispose]())

test("what a killed worker had taken comes back when its leases end; what it delivered does not", async () => {
  const prefix = "killed"
  await using stage = await redisStage(server, { prefix })
  const added = await stage.store.add(Array.from({ length: 40 }, () => stage.entry()))
  const program = new URL("redis-claimer.child.ts", import.meta.url).pathname
  const args = ["--conditions=@steadfetch/source", program, server.path, prefix]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  const delivered: string[] = []
  let taken = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, id = ""] = line.split(" ")
    if (what === "delivered") delivered.push(id)
    else if (++taken === 15) child.kill("SIGKILL")
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  // It may have delivered more than it could tell of.
  const told = await Promise.all(added.map(({ entry }) => stage.read(entry.id)))
  const open = told.filter(({ state }) => state !== "delivered").map(({ id }) => id)
  expect(delivered.filter((id) => open.includes(id))).toEqual([])
  expect(open.length).toBeLessThan(40)
  const rest = await stage.take(open.length, { leaseUntil: Date.now() + 3_600_000 })
  expect(rest.map(({ entry }) => entry.id).toSorted()).toEqual(open)
  for (const claimed of rest) await stage.conclude(claimed, "delivered")
  await stage.expectNothing()
})

test("workers on connections of their own send each entry once, and those of an ordering key one by one, in order", async () => {
  const KEYS = ["a", "b", "c", "d", "e"]
  await using stage = await redisStage(server, { prefix: "workers" })
  const keys = Array.from({ length: 120 }, (_, index) => (index % 2 === 0 ? KEYS[(index / 2) % 5] : undefined))
  const added = await stage.store.add(keys.map((orderingKey) => stage.entry({ orderingKey })))
  const sent: string[] = []
  const under = new Set<string>()
  const work = async (store: Store): Promise<void> => {
    while (sent.length < added.length) {
      const { claimed } = await store.claim(stage.request({ most: 7, leaseUntil: Date.now() + 3_600_000 }))
      for (const { entry } of claimed) {
        sent.push(entry.id)
        if (entry.orderingKey === undefined) continue
        expect(under).not.toContain(entry.orderingKey)
        under.add(entry.orderingKey)
      }
      for (const { entry, lease } of claimed.toReversed()) {
        under.delete(entry.orderingKey ?? "")
        expect(await store.conclude(lease, stage.end("delivered"))).toBe(true)
      }
      if (claimed.length === 0) await stage.time.pass(5)
    }
  }
  const others = await Promise.all([1, 2, 3].map(() => stage.another()))
  await Promise.all([stage.store, ...others].map(work))
  expect(sent.toSorted()).toEqual(added.map(({ entry }) => entry.id))
  for (const key of KEYS) {
    const ofKey = added.filter(({ entry }) => entry.orderingKey === key).map(({ entry }) => entry.id)
    expect(sent.filter((id) => ofKey.includes(id))).toEqual(ofKey)
  }
})

test("an origin is found behind a thousand that are held back", async () => {
  await using stage = await redisStage(server, { prefix: "origins" })
  const now = stage.time.now()
  await stage.store.add(
    Array.from({ length: 1100 }, (_, index) =>
      stage.entry({ origin: `https://held${index}.example.com`, dueAt: now - 1000 }),
    ),
  )
  const id = await stage.add({ origin: "https://free.example.com" })
  const asked = new Set<string>()
  const room = (origin: string): number => {
    asked.add(origin)
    return origin.includes("free") ? 1 : 0
  }
  expect((await stage.takeOne({ room })).entry.id).toBe(id)
  expect(asked.size).toBe(1101)
})

test("entries of more origins than queues are kept at hand are all sent", async () => {
  await using stage = await redisStage(server, { prefix: "many" })
  await stage.store.add(
    Array.from({ length: 1200 }, (_, index) => stage.entry({ origin: `https://api${index}.example.com` })),
  )
  const taken = await stage.take(1200, { most: 500, leaseUntil: Date.now() + 3_600_000 })
  expect(new Set(taken.map(({ entry }) => entry.origin)).size).toBe(1200)
})
