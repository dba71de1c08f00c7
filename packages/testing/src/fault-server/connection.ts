import type { Socket } from "node:net"
import { Inbox } from "./inbox.ts"
import type { Severance } from "./steps.ts"
import type { Clock } from "./system-clock.ts"

/** The client left, or the server closed, while an exchange was going on. */
export class ConnectionGone extends Error {
  constructor() {
    super("the connection is gone")
    this.name = "ConnectionGone"
  }
}

/**
 * One accepted socket. A client that ends its side is taken to have left, as node:http takes it: what was going on is given
 * up at once, so that waiting for closed connections never waits for a delay that nobody watches.
 */
export class Connection {
  /** From 1. */
  readonly number: number
  readonly inbox: Inbox
  /** What becomes of the next request on this connection, when it is not to be answered. */
  onReuse: "reset" | "close" | undefined
  readonly #socket: Socket
  readonly #gone = new AbortController()
  #severed = false

  constructor(socket: Socket, number: number) {
    this.number = number
    this.#socket = socket
    this.inbox = new Inbox((open) => (open ? socket.resume() : socket.pause()))
    socket.on("data", (chunk) => this.inbox.push(chunk))
    socket.on("end", () => this.#leave())
    socket.on("error", () => this.#leave())
    socket.on("close", () => this.#leave())
  }

  #leave(): void {
    if (this.#gone.signal.aborted) return
    this.inbox.end()
    this.#gone.abort()
    this.#socket.end()
  }

  /** Whether this side has broken the connection off, or ended it. */
  get severed(): boolean {
    return this.#severed
  }

  /** Sends bytes; resolves when the system has taken them. */
  async write(bytes: Uint8Array | string): Promise<void> {
    if (bytes.length === 0) return
    if (this.#gone.signal.aborted) throw new ConnectionGone()
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes, (error) =>
        error ? reject(new ConnectionGone()) : resolve(),
      )
    })
  }

  /** Waits so many milliseconds. */
  async wait(clock: Clock, delayMs: number): Promise<void> {
    const { signal } = this.#gone
    if (signal.aborted) throw new ConnectionGone()
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        callOff()
        reject(new ConnectionGone())
      }
      const callOff = clock.after(delayMs, () => {
        signal.removeEventListener("abort", leave)
        resolve()
      })
      signal.addEventListener("abort", leave, { once: true })
    })
  }

  /** Breaks the connection off. Resolves at once, or for "silence" when the client has left. */
  async sever(by: Severance): Promise<void> {
    this.#severed = true
    this.inbox.discard()
    if (by === "reset") this.#socket.resetAndDestroy()
    else if (by === "close") this.#socket.end()
    else await this.#departure()
  }

  #departure(): Promise<void> {
    const { signal } = this.#gone
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
  }

  /** Ends it here and now. */
  destroy(): void {
    this.#severed = true
    this.#socket.destroy()
  }
}
