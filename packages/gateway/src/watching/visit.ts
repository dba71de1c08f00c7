import type { CallRecord, Verdict } from "steadfetch"

/** One request and how it was answered, for those who watch. */
export interface Visit {
  readonly method: string
  /** Without query: what it asked for, when no upstream was called. */
  readonly path: string
  readonly caller: string
  /** `Clock.now()`. */
  readonly startedAt: number
  /** The name of its upstream, once it is known. */
  upstream: string | undefined
  record: CallRecord | undefined
  verdict: Verdict | undefined
  /** The code of a reply of the gateway's own, or why a reply was not passed on whole. */
  problem: string | undefined
}
