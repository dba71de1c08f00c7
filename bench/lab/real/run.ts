import { Child } from "../../speed/child.ts"
import type { Contender } from "./contenders.ts"
import type { Drive } from "./drive.ts"
import type { Scene } from "./scene.ts"
import type { ClientTasks, ServerTasks, Service } from "./tasks.ts"

/** Who is to do what. */
export interface Job<S extends Scene = Scene> {
  readonly contender: Contender
  readonly scene: S
}

/** A job that is done, with what both of its processes noted. */
export interface Run<S extends Scene = Scene> extends Job<S> {
  readonly drive: Drive
  readonly service: Service
}

/** Runs these at the same time, each client and each server in a process of its own; all begin when all are ready. */
export async function runTogether(jobs: readonly Job[]): Promise<Run[]> {
  using processes = new DisposableStack()
  const start = <T extends ServerTasks | ClientTasks>(script: string): Child<T> =>
    processes.use(new Child<T>(new URL(script, import.meta.url).href))
  const ready = await Promise.all(
    jobs.map(async (job) => {
      const server = start<ServerTasks>("./server-process.ts")
      const client = start<ClientTasks>("./client-process.ts")
      const { candidate, retries } = job.contender
      await client.ask("open", { candidate, retries, origin: await server.ask("listen", job.scene) })
      return { job, server, client }
    }),
  )
  return await Promise.all(
    ready.map(async ({ job, server, client }) => {
      const drive = await client.ask("drive", job.scene)
      return { ...job, drive, service: await server.ask("account") }
    }),
  )
}
