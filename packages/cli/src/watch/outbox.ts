import { stat } from "node:fs/promises"
import { openOutbox, sqlite, type Outbox } from "@steadfetch/outbox"
import { steadfetch } from "@steadfetch/node"
import type { WatchedOutbox } from "@steadfetch/watch"
import type { Client } from "steadfetch"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"

/** An outbox that somebody looks at, and whose entries others deliver. */
export interface OpenedOutbox extends AsyncDisposable {
  readonly watched: WatchedOutbox
}

/** Opens an outbox without delivering. @throws UsageError for one that is not there: looking must make none. */
export async function openWatched(
  path: string,
  keyEnv: string | undefined,
  env: Surroundings["env"],
): Promise<OpenedOutbox> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || !found.isFile() || found.size === 0)
    throw new UsageError(
      `--outbox is ${JSON.stringify(path)}, where no outbox is; give the path of one that a program has made`,
    )
  const key = keyEnv === undefined ? undefined : keyIn(keyEnv, env)
  const base = new AssumedBase()
  const outbox = await openOutbox({
    api: base.api,
    store: sqlite(path),
    ...(key !== undefined && { encryption: { key } }),
  })
  return {
    watched: {
      stats: () => outbox.stats(),
      list: (query) => outbox.list(query),
      entry: (id) => outbox.entry(id),
      amend: (id, amendment, options) => base.during(outbox, id, () => outbox.amend(id, amendment, options)),
      retry: (id, options) => outbox.retry(id, options),
      discard: (id, options) => outbox.discard(id, options),
    },
    [Symbol.asyncDispose]: () => outbox.close(),
  }
}

/** The program alone knows what its URLs are relative to; that they stay at the entry's origin is all that matters here. */
class AssumedBase {
  readonly api: Client
  #current: Client
  #last: Promise<unknown> = Promise.resolve()

  constructor() {
    const none = steadfetch()
    this.#current = none
    this.api = { ...none, request: (method, url, options) => this.#current.request(method, url, options) }
  }

  /** Changes of entries are made one after another, each with the base of its own. */
  during<T>(outbox: Outbox, id: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      const entry = await outbox.entry(id)
      const before = this.#current
      if (entry !== undefined) this.#current = steadfetch({ baseUrl: entry.origin })
      return work().finally(() => (this.#current = before))
    })
    this.#last = turn.catch(() => {})
    return turn
  }
}

function keyIn(name: string, env: Surroundings["env"]): Uint8Array {
  const bytes = Buffer.from(env[name] ?? "", "base64")
  if (bytes.byteLength === 32) return bytes
  throw new UsageError(`--outbox-key-env: the environment variable ${name} does not hold 32 bytes in base64`)
}
