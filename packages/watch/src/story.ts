import type { Latencies } from "./latencies.ts"

/** One exchange on the wire. Instants are ms since 1970, durations ms. */
export interface AttemptStory {
  readonly number: number
  readonly method: string
  readonly url: string
  readonly startedAt: number
  /** Undefined while under way. */
  readonly durationMs?: number | undefined
  readonly status?: number | undefined
  readonly failure?: string | undefined
  /** The failure in words. */
  readonly message?: string | undefined
  /** What the server said about its error. */
  readonly said?: string | undefined
  /** Header fields of the reply that tell how it came about, with lower-case names; none that may hold a secret. */
  readonly fields?: readonly (readonly [name: string, value: string])[] | undefined
  readonly waitMs?: number | undefined
  readonly why?: string | undefined
}

/** Something that happened to a call besides its attempts: held back, refused, hedged, served from elsewhere. */
export interface Remark {
  readonly at: number
  readonly text: string
}

/** What is known of one call. */
export interface CallStory {
  readonly id: number
  readonly method: string
  readonly url: string
  readonly origin: string
  readonly startedAt: number
  /** Of all its attempts; the first ones are forgotten when there are very many. */
  attemptCount: number
  readonly attempts: AttemptStory[]
  readonly remarks: Remark[]
  /** Undefined while under way. */
  durationMs?: number | undefined
  status?: number | undefined
  failure?: string | undefined
  message?: string | undefined
  verdict?: string | undefined
  ending?: string | undefined
  retryAt?: number | undefined
  servedBy?: string | undefined
}

/** How a call or an attempt ended. */
export const ENDS = ["2xx", "3xx", "4xx", "5xx", "no reply"] as const
export type End = (typeof ENDS)[number]

/** How many ended in which way, in the order of `ENDS`. */
export type Counts = [number, number, number, number, number]

/** What happened within one second. */
export interface Second {
  /** Seconds since 1970. */
  readonly at: number
  /** Calls that began. */
  begun: number
  /** Calls that ended. */
  readonly calls: Counts
  readonly attempts: Counts
  /** Calls that a server answered well after a retry. */
  recovered: number
  waits: number
  waitMs: number
  /** Of calls, from their beginning to their end. */
  readonly latencies: Latencies
}

/** What a policy last said about a key. */
export interface PolicyState {
  readonly state: string
  readonly why: string
  readonly at: number
}

/** What a retry budget holds, in retries. */
export interface BudgetState {
  readonly tokens: number
  readonly capacity: number
}

/** What is known of an origin, or of another key that a policy has. */
export interface KeyState {
  readonly key: string
  /** Calls that began. */
  begun: number
  /** Calls that ended. */
  calls: number
  attempts: number
  failed: number
  /** Retry budgets by the policy whose they are: hedges may have their own. */
  readonly budgets: Readonly<Record<string, BudgetState>>
  readonly policies: Record<string, PolicyState>
}

/** The end as a number in `ENDS`. A status outside 100–599 counts as 5xx (RFC 9110 §15). */
export function endOf(status: number | undefined): number {
  if (status === undefined) return 4
  if (status >= 500 || status < 100) return 3
  return Math.max(0, Math.floor(status / 100) - 2)
}
