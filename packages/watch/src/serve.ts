import { createHash, timingSafeEqual } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { checkFunction, ConfigurationError, kindOf, knownOptions, refuse } from "steadfetch"
import { refusal } from "./guard.ts"
import type { WatchedOutbox } from "./outbox/watched-outbox.ts"
import { page } from "./page.ts"
import { plain } from "./plain.ts"
import type { Program } from "./program.ts"

export interface ServeOptions {
  /** Where it listens, on 127.0.0.1. Default 0: one that is free. */
  readonly port?: number | undefined
  /** A first segment of the page's path that has to be known to see it, as other users of a machine reach loopback, too. */
  readonly key?: string | undefined
  /** An outbox whose entries are shown and can be changed. Default: none. */
  readonly outbox?: WatchedOutbox | undefined
}

/** A server of the page. */
export interface PageServer extends AsyncDisposable {
  /** Where the page is. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the page that shows these programs, to this machine alone.
 * @throws ConfigurationError when the port is not to be had, and for a key that is no segment of a path.
 */
export async function servePage(programs: () => readonly Program[], options: ServeOptions = {}): Promise<PageServer> {
  knownOptions("servePage", options, ["port", "key", "outbox"])
  checkFunction("servePage", programs)
  const { port = 0, key, outbox } = options
  if (key !== undefined && !/^[\w-]+$/.test(key)) refuse("servePage.key", kindOf(key), "letters, digits, - and _")
  const shown = page(programs, { outbox })
  const base = key === undefined ? "" : `/${key}`
  const server = createServer((req, res) => {
    const refused = refusal(req)
    if (refused !== undefined) return plain(res, refused.status, refused.text)
    const path = (req.url ?? "").replace(/\?.*/s, "")
    const [, first = ""] = path.split("/")
    if (key !== undefined && !isSame(first, key)) return plain(res, 404, "there is no such page\n")
    shown.answer(req, res, path.slice(base.length)).catch(() => res.destroy())
  })
  try {
    server.listen({ host: "127.0.0.1", port })
    await once(server, "listening")
  } catch (cause) {
    throw new ConfigurationError(`watch: port ${port} cannot be had; give another, or 0 for a free one`, { cause })
  }
  const close = async (): Promise<void> => {
    shown.close()
    server.close()
    server.closeAllConnections()
    if (server.listening) await once(server, "close")
  }
  const { port: taken } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${taken}${base}/`, close, [Symbol.asyncDispose]: close }
}

/** Takes equally long wherever they differ, so that a key cannot be found out letter by letter. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
