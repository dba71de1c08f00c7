import { randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { openOutbox, OutboxError, sqlite, type Entry, type Outbox, type OutboxStatistics } from "@steadfetch/outbox"
import { ConfigurationError, type Runtime } from "steadfetch"
import type { OutboxChoice } from "../configuration/configuration.ts"
import { encryptionKey, OUTBOX_PATH } from "../configuration/outbox.ts"
import type { Environment } from "../configuration/secrets.ts"
import { expectsContinue } from "../entry/expectation.ts"
import type { Problem } from "../problem.ts"
import type { UpstreamCalls } from "../upstream-calls.ts"
import type { Log } from "../watching/log.ts"
import { logEntry } from "./entry-log.ts"
import { prefersAsync } from "./preferences.ts"
import { StatusPages, type StatusTarget } from "./status-pages.ts"
import { upstreamOf } from "./status-document.ts"
import { upstreamClients } from "./upstream-clients.ts"
import { writtenDown } from "./writing-down.ts"

/** These ask for something, and change nothing that would have to happen (RFC 9110 §9.2.1). */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "SEARCH", "REPORT"])

/** The outbox's own limit, where the configuration has none. */
const BODY_BYTES = 2 ** 30

/** How deliveries end, as they are counted. */
export type DeliveryEnd = "delivered" | "rejected" | "expired" | "retrying"

/** What the gateway's outbox is made with. */
export interface OutboxSurroundings {
  readonly env: Environment
  readonly runtime: Runtime
  /** The configuration's, as it is now. */
  readonly upstreams: () => readonly UpstreamCalls[]
  readonly via: string
  readonly log: Log | undefined
  readonly ended: (upstream: string, end: DeliveryEnd) => void
}

/** Requests that are written down, and made by the gateway until they are settled. */
export class GatewayOutbox {
  readonly outbox: Outbox
  readonly #pages: StatusPages
  readonly #mostBytes: number

  constructor(outbox: Outbox, { path = OUTBOX_PATH, limits = {} }: OutboxChoice, clock: Runtime["clock"]) {
    const { bodyBytes = BODY_BYTES } = limits
    this.outbox = outbox
    this.#mostBytes = bodyBytes
    this.#pages = new StatusPages(outbox, clock, path)
  }

  /** Whether a request is to be written down. */
  takes({ method = "GET", rawHeaders }: IncomingMessage, { settings }: UpstreamCalls): boolean {
    return settings.outbox !== false && !SAFE.has(method) && prefersAsync(rawHeaders)
  }

  /** Writes a request down, and answers where its caller learns more. */
  async take(
    req: IncomingMessage,
    res: ServerResponse,
    upstream: UpstreamCalls,
    rest: string,
  ): Promise<Problem | undefined> {
    const mostBytes = Math.min(upstream.noting.mostBytes, this.#mostBytes)
    const reading = (): void => {
      if (expectsContinue(req)) res.writeContinue()
    }
    const receipt = await writtenDown({ outbox: this.outbox, req, upstream, rest, mostBytes, reading })
    // Node drops the rest of a body only when nothing of it was read.
    req.resume()
    if (receipt === undefined || "detail" in receipt) return receipt
    const entry = await receipt.status()
    const fields = ["Location", this.#pages.location(entry.id), "Preference-Applied", "respond-async"]
    return this.#pages.tell(entry, res, 202, fields)
  }

  target(path: string): StatusTarget | undefined {
    return this.#pages.target(path)
  }

  answer(target: StatusTarget, req: IncomingMessage, res: ServerResponse): Promise<Problem | undefined> {
    return this.#pages.answer(target, req, res)
  }

  /** How many there are; undefined when the store cannot be read. */
  async statistics(): Promise<OutboxStatistics | undefined> {
    try {
      return await this.outbox.stats()
    } catch {
      return undefined
    }
  }

  /** Begins to deliver. */
  run(): void {
    this.outbox.run()
  }

  /** Begins no further delivery, and lets those under way end. Requests are still written down. */
  stop(graceMs: number): Promise<void> {
    return this.outbox.stop({ graceMs })
  }

  close(): Promise<void> {
    return this.outbox.close({ graceMs: 0 })
  }
}

/** Opens the outbox. @throws ConfigurationError when its store cannot be used. */
export async function openGatewayOutbox(
  choice: OutboxChoice,
  { env, runtime, upstreams, via, log, ended }: OutboxSurroundings,
): Promise<GatewayOutbox> {
  const { file, path: _, encryption, ...settings } = choice
  const api = upstreamClients(upstreams, runtime, via)
  const told = (end: DeliveryEnd) => (entry: Entry) => {
    ended(upstreamOf(entry), end)
    if (log !== undefined) logEntry(log, entry, end)
  }
  try {
    const outbox = await openOutbox({
      ...settings,
      api,
      store: sqlite(file, { runtime }),
      encryption: encryption && { key: encryptionKey(encryption.key, env) },
      on: {
        delivered: told("delivered"),
        rejected: told("rejected"),
        expired: told("expired"),
        retrying: told("retrying"),
        trouble: ({ what, id, error }) =>
          log?.error({ entry: id, error: error instanceof Error ? error.message : String(error) }, `outbox: ${what}`),
      },
    })
    return new GatewayOutbox(outbox, choice, runtime.clock)
  } catch (cause) {
    if (!OutboxError.is(cause)) throw cause
    throw new ConfigurationError(`outbox.file: ${cause.message}`, { cause })
  }
}

/** Randomness for ids that nobody may guess. */
export function secureRandom(): number {
  return randomBytes(6).readUIntBE(0, 6) / 2 ** 48
}
