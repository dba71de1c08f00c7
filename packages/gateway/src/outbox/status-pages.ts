import type { IncomingMessage, ServerResponse } from "node:http"
import { OutboxError, type Entry, type Outbox } from "@steadfetch/outbox"
import type { Clock } from "steadfetch"
import { endToEnd } from "../forwarding/reply-fields.ts"
import type { Problem } from "../problem.ts"
import { askAgainAfter, isOpen, statusDocument } from "./status-document.ts"
import { outboxProblem } from "./writing-down.ts"

/** An entry's id: a UUID whose random bits nobody guesses. */
const BELOW = /^\/([\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12})(\/reply)?(?:\?.*)?$/s

/** Of a reply that was written down: its framing is made anew, and a part of it is no longer what these say. */
const NOT_OF_THE_KEPT: ReadonlySet<string> = new Set(["content-length", "content-encoding", "content-range", "digest", "content-digest", "repr-digest", "etag", "content-md5"]) // prettier-ignore

/** What is asked for below the outbox's path. */
export interface StatusTarget {
  readonly id: string
  readonly isReply: boolean
}

/** The pages on which callers learn what has become of their requests. */
export class StatusPages {
  readonly #outbox: Outbox
  readonly #clock: Clock
  readonly #path: string

  constructor(outbox: Outbox, clock: Clock, path: string) {
    this.#outbox = outbox
    this.#clock = clock
    this.#path = path
  }

  /** The entry that a path is of; undefined for all others, which are the upstreams'. */
  target(path: string): StatusTarget | undefined {
    if (!path.startsWith(`${this.#path}/`)) return undefined
    const [, id, reply] = BELOW.exec(path.slice(this.#path.length)) ?? []
    return id === undefined ? undefined : { id, isReply: reply !== undefined }
  }

  async answer({ id, isReply }: StatusTarget, req: IncomingMessage, res: ServerResponse): Promise<Problem | undefined> {
    const { method = "GET" } = req
    try {
      if (method === "DELETE" && !isReply) {
        await this.#outbox.discard(id)
        res.writeHead(204, ["Cache-Control", "no-store"]).end()
        return undefined
      }
      if (method !== "GET" && method !== "HEAD") return notAllowed(isReply)
      const entry = await this.#outbox.receipt(id).status()
      return isReply ? this.#reply(entry, res) : this.tell(entry, res, 200)
    } catch (error) {
      if (!OutboxError.is(error)) throw error
      return outboxProblem(error)
    }
  }

  /** Answers with what is known of an entry. */
  tell(entry: Entry, res: ServerResponse, status: number, more: readonly string[] = []): undefined {
    const path = `${this.#path}/${entry.id}`
    const body = statusDocument(entry, path)
    const seconds = askAgainAfter(entry, this.#clock.date())
    const again = seconds === undefined ? [] : ["Retry-After", String(seconds)]
    const fields = ["Content-Type", "application/json", "Content-Length", String(Buffer.byteLength(body))]
    res.writeHead(status, [...fields, "Cache-Control", "no-store", ...again, ...more]).end(body)
  }

  location(id: string): string {
    return `${this.#path}/${id}`
  }

  #reply(entry: Entry, res: ServerResponse): Problem | undefined {
    const { state, last } = entry
    if (isOpen(entry)) return this.tell(entry, res, 202, ["Steadfetch-Outbox", state])
    if (last?.status === undefined || (state !== "delivered" && state !== "rejected")) {
      const detail = `The request has no final reply: it is ${state}. Its status says why: ${this.location(entry.id)}.`
      return { status: 410, code: "no-reply", detail }
    }
    const raw = Object.entries(last.headers).filter(([name]) => !NOT_OF_THE_KEPT.has(name))
    const body = Buffer.from(last.body ?? "")
    const length = last.status === 204 || last.status === 304 ? [] : ["Content-Length", String(body.byteLength)]
    const cut = last.isBodyCut ? ["Steadfetch-Body", "cut"] : []
    res.writeHead(last.status, [...endToEnd(raw.flat()), ...length, "Steadfetch-Outbox", state, ...cut]).end(body)
    return undefined
  }
}

function notAllowed(isReply: boolean): Problem {
  const methods = isReply ? "GET and HEAD" : "GET, HEAD and DELETE"
  const allow = isReply ? "GET, HEAD" : "GET, HEAD, DELETE"
  return { status: 405, code: "method", detail: `Only ${methods} are for this page.`, fields: ["Allow", allow] }
}
