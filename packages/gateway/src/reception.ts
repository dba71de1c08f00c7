import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { answer, UNREAD_MS, writeProblem, type Desk } from "./desk.ts"
import { Turns } from "./entry/turns.ts"
import type { Problem } from "./problem.ts"
import { logVisit, type Log } from "./watching/log.ts"
import type { Metrics } from "./watching/metrics.ts"
import type { Visit } from "./watching/visit.ts"

/** Where requests come in, and are seen out. */
export class Reception {
  readonly turns = new Turns()
  readonly #desk: Desk
  readonly #metrics: Metrics
  readonly #log: Log | undefined
  readonly #open = new Set<ServerResponse>()
  #isClosing = false
  #afterEach: () => void = () => {}

  constructor(desk: Desk, metrics: Metrics, log: Log | undefined) {
    this.#desk = desk
    this.#metrics = metrics
    this.#log = log
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  readonly take = (req: IncomingMessage, res: ServerResponse): void =>
    this.turns.take(req.socket, res, () => this.#begin(req, res))

  #begin(req: IncomingMessage, res: ServerResponse): void {
    const { runtime } = this.#desk
    const visit: Visit = {
      method: req.method ?? "GET",
      path: (req.url ?? "").replace(/[?#].*/s, ""),
      caller: req.socket.remoteAddress ?? "unknown",
      startedAt: runtime.clock.now(),
      upstream: undefined,
      record: undefined,
      verdict: undefined,
      problem: undefined,
    }
    this.#metrics.began()
    this.#open.add(res)
    if (this.#isClosing) res.shouldKeepAlive = false
    res.on("error", () => {})
    res.once("prefinish", () => this.#limitUnread(visit, res))
    res.once("close", () => {
      this.#open.delete(res)
      this.#seeOut(visit, res)
    })
    answer(this.#desk, req, res, visit).catch((error: unknown) => this.#fail(res, visit, error))
  }

  /** What was answered without a request to be made of it. */
  readonly unreadable = ({ code }: Problem, caller: string | undefined): void => {
    this.#metrics.unreadable(code)
    if (this.#desk.table().configuration.accessLog !== false) this.#log?.warn({ problem: code, caller }, "unreadable")
  }

  /** Takes no more connections, lets what is under way end, and ends what is left after so many milliseconds. */
  async close(server: Server, withinMs: number): Promise<void> {
    this.#isClosing = true
    // Whoever still waits for a reply is told not to ask again on the same connection.
    for (const res of this.#open) res.shouldKeepAlive = false
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    const callOff = this.#desk.runtime.clock.after(withinMs, () => server.closeAllConnections())
    // A connection is idle once its reply is out, which may be said before Node knows it.
    this.#afterEach = () => setImmediate(() => server.closeIdleConnections())
    await closed
    callOff()
  }

  /** Of a reply that is written, what the caller has not read yet is not kept for it without end. */
  #limitUnread(visit: Visit, res: ServerResponse): void {
    if ((res.socket?.writableLength ?? 0) === 0) return
    const { table, runtime } = this.#desk
    const { unreadMs = UNREAD_MS } = table().configuration.limits ?? {}
    const callOff = runtime.clock.after(unreadMs, () => {
      visit.problem = "unread"
      res.destroy()
    })
    res.once("close", callOff)
  }

  #seeOut(visit: Visit, res: ServerResponse): void {
    const status = res.writableFinished ? res.statusCode : undefined
    this.#metrics.ended(visit, status)
    const { configuration } = this.#desk.table()
    if (this.#log !== undefined && configuration.accessLog !== false)
      logVisit(this.#log, visit, status, this.#desk.runtime.clock)
    this.#afterEach()
  }

  /** A defect: of the gateway, or of what was asked for such that no request can be made of it. */
  #fail(res: ServerResponse, visit: Visit, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#log?.error(
      { method: visit.method, path: visit.path, error: visit.record?.redact(message) ?? message },
      "failed",
    )
    visit.problem = "defect"
    const detail = "The gateway could not make this request. Its log says why."
    writeProblem(res, { status: 500, code: "defect", detail })
  }
}
