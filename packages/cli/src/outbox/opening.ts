import { stat } from "node:fs/promises"
import { openOutbox, sqlite, type Outbox, type OutboxOptions, type Store } from "@steadfetch/outbox"
import { steadfetch } from "@steadfetch/node"
import { ConfigurationError, type Client } from "steadfetch"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import type { Place } from "./place.ts"

/** An outbox in use. */
export interface Opened extends AsyncDisposable {
  readonly outbox: Outbox
  /** Where it is, without credentials. */
  readonly name: string
  /** Does work in which relative URLs are relative to this, where no base was given. */
  assuming<T>(baseUrl: string, work: () => Promise<T>): Promise<T>
}

export interface OpeningTask {
  readonly place: Place
  readonly encryption: { readonly key: Uint8Array } | undefined
  readonly quiet: boolean
  readonly baseUrl?: string | undefined
  readonly create?: boolean
}

type ClientSettings = Parameters<typeof steadfetch>[0]

/**
 * Opens the outbox that a task names.
 * @throws UsageError for one that is not there: looking must make none.
 */
export async function openFor(
  task: OpeningTask,
  { stderr }: Surroundings,
  settings: Omit<OutboxOptions, "api" | "store"> = {},
  clientSettings: ClientSettings = {},
): Promise<Opened> {
  const { place, encryption, baseUrl, quiet, create = false } = task
  if (place.showsPassword && !quiet) {
    const note = "note: every process can read a password in --store; --store-env NAME keeps it private"
    stderr.line(stderr.paint("dim", note))
  }
  if (place.kind === "sqlite" && !create) await mustExist(place.address)
  const store = await storeAt(place)
  const first = steadfetch({ ...clientSettings, ...(baseUrl === undefined ? {} : { baseUrl }) })
  let current: Client = first
  const api: Client = { ...first, request: (method, url, options) => current.request(method, url, options) }
  const outbox = await openOutbox({ api, store, ...settings, ...(encryption === undefined ? {} : { encryption }) })
  return {
    outbox,
    name: store.name,
    async assuming(assumed, work) {
      if (baseUrl !== undefined) return work()
      const assuming = steadfetch({ baseUrl: assumed })
      current = assuming
      return work().finally(() => {
        current = first
        return assuming.close()
      })
    },
    async [Symbol.asyncDispose]() {
      await outbox.close()
      await first.close()
    },
  }
}

/** An empty file is no outbox yet: it would become one. */
async function mustExist(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined
    throw error
  })
  const shown = JSON.stringify(path)
  if (found?.isDirectory() === true) throw new UsageError(`the outbox ${shown} is a folder; give the path of its file`)
  if (found !== undefined && found.size > 0) return
  throw new UsageError(
    `the outbox ${shown} ${found === undefined ? "does not exist" : "is an empty file"}; give the path of one that a program has made (add and run make one with --create)`,
  )
}

async function storeAt({ kind, address }: Place): Promise<Store> {
  try {
    if (kind === "sqlite") return sqlite(address)
    if (kind === "postgres") {
      const { postgres } = await installed(() => import("@steadfetch/outbox/postgres"), "postgres://", "pg pg-boss")
      return postgres({ connectionString: address, connections: 3 })
    }
    const { redis } = await installed(() => import("@steadfetch/outbox/redis"), "redis://", "ioredis bullmq")
    return redis(address)
  } catch (error) {
    // What the stores say of a wrong address; none shows it.
    if (!(error instanceof TypeError || error instanceof RangeError) || ConfigurationError.is(error)) throw error
    throw new UsageError(`the outbox: ${error.message}`, { cause: error })
  }
}

/** What needs packages that only its users install. @throws UsageError that says which. */
export async function installed<T>(load: () => Promise<T>, form: string, packages: string): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error
    const fix = `npm install ${packages} (with --global where the command is)`
    throw new UsageError(`an outbox at ${form} needs packages that are not installed; run ${fix}`, { cause: error })
  }
}
