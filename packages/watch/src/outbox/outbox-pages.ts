import type { IncomingMessage, ServerResponse } from "node:http"
import { ConfigurationError, SteadfetchError } from "steadfetch"
import { FIELDS } from "../plain.ts"
import { askedAction, type Action } from "./action.ts"
import { Refusal } from "./refusal.ts"
import type { ToldOutbox } from "./messages.ts"
import { toldDetails, toldEntry, toldOrigins } from "./told.ts"
import type { WatchedEntry, WatchedOutbox, WatchedState } from "./watched-outbox.ts"

/** So many entries are shown at once; the older ones are asked for. */
const PAGE = 50

const STATES: readonly WatchedState[] = ["waiting", "sending", "delivered", "rejected", "expired", "discarded"]

/** What the page asks of an outbox: how it stands, entries, and what someone decides about them. */
export class OutboxPages {
  readonly #outbox: WatchedOutbox

  constructor(outbox: WatchedOutbox) {
    this.#outbox = outbox
  }

  /** @param path What follows "/outbox": "", or "/ID". */
  async answer(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    try {
      const value = await this.#answered(req, path.slice(1))
      json(res, 200, value)
    } catch (error) {
      const { status, message } = refusalOf(error)
      if (status >= 500 && !(error instanceof Refusal) && !SteadfetchError.is(error)) throw error
      // Node drops the rest of a body only when nothing of it was read.
      req.resume()
      json(res, status, { message })
    }
  }

  async #answered(req: IncomingMessage, id: string): Promise<unknown> {
    if (req.method === "POST") return this.#act(id, await askedAction(req))
    if (req.method !== "GET" && req.method !== "HEAD") throw new Refusal(405, "Only GET and POST.")
    if (id !== "") return toldDetails(await this.#entry(id))
    return this.#overview(new URLSearchParams(/\?(.*)/s.exec(req.url ?? "")?.[1]))
  }

  async #overview(query: URLSearchParams): Promise<ToldOutbox> {
    const wanted = (query.get("states") ?? "").split(",")
    const states = STATES.filter((state) => wanted.includes(state))
    const after = query.get("after") ?? undefined
    const [{ states: counts, origins }, found] = await Promise.all([
      this.#outbox.stats(),
      states.length === 0 ? [] : this.#outbox.list({ states, limit: PAGE + 1, ...(after !== undefined && { after }) }),
    ])
    const entries = found.slice(0, PAGE).map(toldEntry)
    return { now: Date.now(), states: counts, origins: toldOrigins(origins), entries, isMore: found.length > PAGE }
  }

  async #act(id: string, { action, version, body, type }: Action): Promise<unknown> {
    const ifVersion = { ifVersion: version }
    if (action === "discard") await this.#outbox.discard(id, ifVersion)
    else if (action === "retry") await this.#outbox.retry(id, ifVersion)
    else {
      const headers: Record<string, string> = type === undefined ? {} : { "content-type": type }
      await this.#outbox.amend(id, { body, headers }, ifVersion)
    }
    return toldDetails(await this.#entry(id))
  }

  async #entry(id: string): Promise<WatchedEntry> {
    const entry = await this.#outbox.entry(id)
    if (entry !== undefined) return entry
    throw new Refusal(404, "There is no such entry any more: its time to be kept has ended.")
  }
}

function json(res: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  const fields = { ...FIELDS, "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }
  res.writeHead(status, fields).end(body)
}

/** How an error is told: in words of a sentence. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const message = error instanceof Error ? error.message : String(error)
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
  if (ConfigurationError.is(error)) return new Refusal(400, sentence)
  const code = error instanceof Error && "code" in error ? error.code : undefined
  if (code === "state") return new Refusal(409, sentence)
  return new Refusal(code === "unknown" ? 404 : 503, sentence)
}
