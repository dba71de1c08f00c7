import { WholeBody, type Clock, type Reply, type Transport } from "steadfetch"

/** A simulated server, counting what it received. */
export interface Server extends Transport {
  readonly received: number
}

/** Takes longer the more it has to do, and finishes what it began: it does not notice that a client gave up. */
export function slowingServer(clock: Clock, idleMs: number, perConcurrentMs: number): Server {
  let concurrent = 0
  return server(clock, () => {
    const takesMs = idleMs + perConcurrentMs * concurrent++
    clock.after(takesMs, () => concurrent--)
    return { status: 200, takesMs }
  })
}

/** Answers a random share of the requests with 503, all of them equally fast. */
export function failingServer(clock: Clock, failureShare: number, takesMs: number, random: () => number): Server {
  return server(clock, () => ({ status: random() < failureShare ? 503 : 200, takesMs }))
}

function server(clock: Clock, answer: () => { readonly status: number; readonly takesMs: number }): Server {
  let received = 0
  return {
    get received() {
      return received
    },
    send: () => {
      received++
      const { status, takesMs } = answer()
      return new Promise((resolve) => {
        clock.after(takesMs, () => resolve(reply(status)))
      })
    },
    close: async () => {},
  }
}

/** Nobody reads them, so that all replies can share them. */
const HEADERS = new Headers()
const BODY = new WholeBody(new Uint8Array())

function reply(status: number): Reply {
  return { kind: "reply", status, url: undefined, headers: HEADERS, body: BODY }
}
