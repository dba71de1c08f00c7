import { refusedPort, startFaultServer } from "@steadfetch/testing/fault-server"
import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import type { Account, Leftovers, Message, Sample, Task } from "./account.ts"
import { script } from "./script.ts"

/** What is over by then has ended by itself. */
const MOST_END_MS = 10_000

const STEADY = {
  // Compiled code that comes and goes would be taken for memory that grows.
  execArgv: ["--expose-gc", "--no-flush-bytecode", "--conditions=@steadfetch/source"],
  // glibc keeps what is free in an arena per thread, and the more threads, the longer the resident set grows by itself.
  env: { ...process.env, MALLOC_ARENA_MAX: "1" },
}

/** Lets a client process call a fault server for so long; tells of every sample as it comes. */
export async function soak(
  task: Pick<Task, "seconds" | "atOnce" | "seed">,
  tell: (sample: Sample) => void,
): Promise<Account> {
  await using refused = await refusedPort()
  await using server = await startFaultServer(script, { limits: { keptRequests: 10, keptBodyBytes: 0 } })
  const given: Task = { ...task, server: server.origin, refused: refused.origin }
  const child = fork(new URL("client-process.ts", import.meta.url), [JSON.stringify(given)], STEADY)
  const samples: Sample[] = []
  const { promise, resolve, reject } = Promise.withResolvers<Leftovers>()
  child.on("message", (message: Message) => {
    if ("leftovers" in message) return resolve(message.leftovers)
    samples.push(message.sample)
    tell(message.sample)
  })
  child.once("exit", (code) => reject(new Error(`the client process ended with ${code} before its last word`)))
  const leftovers = await promise
  const exitCode = await endOf(child)
  const gone = await within(server.allClosed())
  return { ...leftovers, samples, openConnections: gone ? 0 : server.openConnections, exitCode }
}

/** Its exit code; undefined when it would not end by itself. */
async function endOf(child: ChildProcess): Promise<number | undefined> {
  const exited = child.exitCode === null ? once(child, "exit") : Promise.resolve()
  if (await within(exited)) return child.exitCode ?? undefined
  child.kill("SIGKILL")
  await exited
  return undefined
}

async function within(event: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), MOST_END_MS)
  const happened = await Promise.race([event.then(() => true), promise])
  clearTimeout(timer)
  return happened
}
