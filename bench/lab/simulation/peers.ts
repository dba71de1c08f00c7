import type { Clock, Contract, Handler, Outcome, Policy } from "steadfetch"

/** Another client's way to retry, with its own numbers. */
export interface Peer {
  readonly attempts: number
  /** The wait before a retry; `retry` counts from 1, `lastMs` is the wait before the one before. */
  delayMs(retry: number, lastMs: number, random: () => number): number
  /** Makes what bounds the retries of one process. */
  purse?: ((clock: Clock) => Purse) | undefined
}

/** What bounds the retries of one process. */
export interface Purse {
  /** A call begins. */
  begin?(): void
  /** Whether a retry may go out; it is paid for. */
  pays(): boolean
  /** An attempt has ended; `retries` were made before it. */
  note?(isSuccess: boolean, retries: number): void
}

/** What all peers retry. */
const USUAL: Contract = { 429: "retry" }

/**
 * A policy that retries as a peer does, at the times that it gives: whatever is temporary, 5xx, and what else the table
 * says. It stands where `retry()` stands, so that all else is equal.
 */
export function peerRetry(peer: Peer, table: Contract = USUAL): Policy {
  return {
    name: "retry",
    scope: "repeater",
    wrap(next: Handler, { clock, random }) {
      const purse = peer.purse?.(clock)
      return async (exchange) => {
        purse?.begin?.()
        let waitMs = 0
        for (let retries = 0; ; retries++) {
          const outcome = await next(exchange)
          const isFailed = isRetried(outcome, table)
          purse?.note?.(!isFailed, retries)
          if (!isFailed || retries + 1 >= peer.attempts || purse?.pays() === false) return outcome
          waitMs = peer.delayMs(retries + 1, waitMs, random)
          await new Promise<void>((resolve) => clock.after(waitMs, resolve))
        }
      }
    },
  }
}

function isRetried(outcome: Outcome, table: Contract): boolean {
  if (outcome.kind === "failure") return outcome.temporary
  return (table[outcome.status] ?? (outcome.status >= 500 ? "retry" : "correct")) === "retry"
}

/** The wait of full jitter. */
const jitter = (baseMs: number, capMs: number) => (retry: number, _lastMs: number, random: () => number) =>
  random() * Math.min(capMs, baseMs * 2 ** (retry - 1))

/** Exponential without jitter. */
const exponential = (baseMs: number, capMs: number) => (retry: number) => Math.min(capMs, baseMs * 2 ** (retry - 1))

const atOnce = (): number => 0

export const peers = {
  immediate: (retries: number): Peer => ({ attempts: retries + 1, delayMs: atOnce }),
  fullJitter: (retries: number, baseMs: number, capMs = 20_000): Peer => ({
    attempts: retries + 1,
    delayMs: jitter(baseMs, capMs),
  }),
  exponential: (retries: number, baseMs: number, capMs: number): Peer => ({
    attempts: retries + 1,
    delayMs: exponential(baseMs, capMs),
  }),
  /** Half of the wait is fixed. */
  equalJitter: (retries: number, baseMs: number, capMs: number): Peer => ({
    attempts: retries + 1,
    delayMs: (retry, _lastMs, random) => exponential(baseMs, capMs)(retry) * (0.5 + random() / 2),
  }),
  /** Up to three times the last wait. */
  decorrelated: (retries: number, baseMs: number, capMs: number): Peer => ({
    attempts: retries + 1,
    delayMs: (_retry, lastMs, random) => Math.min(capMs, baseMs + random() * (Math.max(lastMs, baseMs) * 3 - baseMs)),
  }),
  ky: { attempts: 3, delayMs: exponential(300, Number.POSITIVE_INFINITY) },
  got: { attempts: 3, delayMs: (retry, _lastMs, random) => 1000 * 2 ** (retry - 1) + random() * 100 },
  axiosRetry: { attempts: 4, delayMs: atOnce },
  undici: { attempts: 6, delayMs: exponential(500, 30_000) },
  awsLegacy: { attempts: 3, delayMs: jitter(100, 20_000), purse: () => quota(5) },
  aws2026: { attempts: 3, delayMs: jitter(50, 20_000), purse: () => quota(14) },
  /** gRPC's proposal A6 with maxTokens 10 and tokenRatio 0.1. */
  grpc: { attempts: 5, delayMs: jitter(500, 20_000), purse: grpcTokens },
  /** Retries at once, as its requeues. */
  finagle: (perSecond: number): Peer => ({
    attempts: 26,
    delayMs: atOnce,
    purse: (clock) => windowed(clock, perSecond, "success"),
  }),
  depositPerRequest: (perSecond: number): Peer => ({
    attempts: 26,
    delayMs: atOnce,
    purse: (clock) => windowed(clock, perSecond, "request"),
  }),
} satisfies Record<string, Peer | ((...numbers: number[]) => Peer)>

/** AWS: 500 tokens; a retry's price comes back when it succeeds, a success at first try adds one. */
function quota(price: number): Purse {
  const capacity = 500
  let tokens = capacity
  return {
    pays() {
      if (tokens < price) return false
      tokens -= price
      return true
    },
    note(isSuccess, retries) {
      if (isSuccess) tokens = Math.min(capacity, tokens + (retries > 0 ? price : 1))
    },
  }
}

function grpcTokens(): Purse {
  const most = 10
  let tokens = most
  return {
    pays: () => tokens > most / 2,
    note(isSuccess) {
      tokens = isSuccess ? Math.min(most, tokens + 0.1) : Math.max(0, tokens - 1)
    },
  }
}

/** Finagle: over 10 s, a retry for each five deposits, and `perSecond` whatever happens. */
function windowed(clock: Clock, perSecond: number, deposits: "request" | "success"): Purse {
  const lengthMs = 10_000
  const sliceMs = 1000
  const slices: number[] = Array.from({ length: lengthMs / sliceMs }, () => 0)
  let lastSlice = 0
  const slice = (): number => {
    const now = Math.floor(clock.now() / sliceMs)
    for (let passed = lastSlice + 1; passed <= Math.min(now, lastSlice + slices.length); passed++)
      slices[passed % slices.length] = 0
    lastSlice = now
    return now % slices.length
  }
  const add = (amount: number): void => {
    const place = slice()
    slices[place] = (slices[place] ?? 0) + amount
  }
  return {
    begin: () => deposits === "request" && add(0.2),
    note: (isSuccess) => deposits === "success" && isSuccess && add(0.2),
    pays() {
      slice()
      const balance = slices.reduce((sum, amount) => sum + amount, perSecond * (lengthMs / 1000))
      if (balance < 1) return false
      add(-1)
      return true
    },
  }
}
