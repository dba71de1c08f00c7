import { WholeBody, type Clock, type HeaderFields, type Reply, type Transport } from "steadfetch"

/** A simulated server, counting what it received. */
export interface Server extends Transport {
  readonly received: number
}

/** How a server answers a request, and how long it takes for it. */
export interface Answer {
  readonly status: number
  readonly takesMs: number
}

/** A server that decides on each request as it comes. It finishes what it began: it does not notice that a client gave up. */
export function server(clock: Clock, answer: () => Answer): Server {
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

/** Takes longer the more it has to do. */
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

/** Works on so many requests at a time, each for `takesMs`; all others wait in line, however long. */
export function queueingServer(clock: Clock, workers: number, takesMs: number): Server {
  let isFreeAt = 0
  return server(clock, () => {
    // As one worker that is so many times as fast: the line is the same, and each request's own work is added to it.
    isFreeAt = Math.max(isFreeAt, clock.now()) + takesMs / workers
    return { status: 200, takesMs: isFreeAt - clock.now() + takesMs - takesMs / workers }
  })
}

/** A share of the replies takes `slower` times as long; the rest is lognormal. */
export interface Latency {
  readonly meanMs: number
  readonly deviationMs: number
  readonly stragglers: number
  readonly slower: number
}

/** Answers everything, after a random time. */
export function stragglingServer(clock: Clock, latency: Latency, random: () => number): Server {
  const { meanMs, deviationMs, stragglers, slower } = latency
  const variance = Math.log(1 + (deviationMs / meanMs) ** 2)
  const mu = Math.log(meanMs) - variance / 2
  return server(clock, () => {
    const takesMs = Math.exp(mu + Math.sqrt(variance) * normal(random))
    return { status: 200, takesMs: random() < stragglers ? takesMs * slower : takesMs }
  })
}

/** Lets so many requests a second through, by a token bucket of one second's size, and answers the rest with 429 and no header. */
export function limitingServer(clock: Clock, perSecond: () => number, takesMs: number): Server {
  let tokens = perSecond()
  let filledAt = clock.now()
  return server(clock, () => {
    tokens = Math.min(perSecond(), tokens + ((clock.now() - filledAt) / 1000) * perSecond())
    filledAt = clock.now()
    if (tokens < 1) return { status: 429, takesMs }
    tokens--
    return { status: 200, takesMs }
  })
}

/** A number from the standard normal distribution (Box and Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Nobody reads them, so that all replies can share them. */
const HEADERS: HeaderFields = new Headers()
const BODY = new WholeBody(new Uint8Array())

export function reply(status: number): Reply {
  return { kind: "reply", status, url: undefined, headers: HEADERS, body: BODY }
}
