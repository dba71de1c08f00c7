import type { ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

/** So many requests of a connection may wait for their turn: each of them takes memory, and none takes long to send. */
const MOST_WAITING = 100

interface Line {
  /** The reply to what came last. */
  last: ServerResponse
  waiting: number
}

/**
 * Who sends requests without waiting for replies gets them one after another, and they are made one after another, too: a
 * POST may rest on the one before it (RFC 9112 §9.3.2), and one connection has no more calls under way than any other.
 */
export class Turns {
  readonly #lines = new WeakMap<Duplex, Line>()

  /** The reply to what came last on a connection, unless it is out. */
  last(socket: Duplex): ServerResponse | undefined {
    return this.#lines.get(socket)?.last
  }

  /** Begins when the replies before are out; never, when their connection ends with them. Ends one on which too many wait. */
  take(socket: Duplex, res: ServerResponse, begin: () => void): void {
    const line = this.#lines.get(socket) ?? { last: res, waiting: 0 }
    const before = line.last
    line.last = res
    this.#lines.set(socket, line)
    res.once("close", () => {
      if (line.last === res) this.#lines.delete(socket)
    })
    if (before === res) return begin()
    if (++line.waiting > MOST_WAITING) socket.destroy()
    before.once("close", () => {
      line.waiting--
      // Node gives the connection to the next reply before it says that this one is over.
      if (res.socket !== null) begin()
    })
  }
}
