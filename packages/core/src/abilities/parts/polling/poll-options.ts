import type { CallContext } from "../../../call.ts"
import type { Success } from "../../../call-outcome.ts"
import { checked, checkFunction, duration, knownOptions } from "../../../validation.ts"
import { reach, type Reach } from "../origins.ts"
import type { OperationStanding } from "./operation-status.ts"

/** How an operation gets on. */
export interface PollProgress {
  /** What says that it runs; its body has arrived: `await reply.json()`. */
  readonly reply: Success
  /** The server's own word for it: "Running"; undefined when it gave none. */
  readonly state: string | undefined
  /** From 1: how many replies said so. */
  readonly count: number
  /** Milliseconds since the call was made. */
  readonly elapsedMs: number
  /** Milliseconds until it is asked about again. */
  readonly waitMs: number
}

/** Options of `poll()`. */
export interface PollOptions {
  /**
   * Milliseconds until the operation must have ended, all requests and waits included; false for no limit. Each request
   * has the client's own deadline besides. Default 600,000 (10 minutes).
   */
  readonly deadline?: number | false | undefined
  /** Where the server sends no Retry-After, the first wait in milliseconds; each further one is half as long again. Default 1,000. */
  readonly baseMs?: number | undefined
  /** Such a wait never exceeds this many milliseconds. Default 30,000. */
  readonly capMs?: number | undefined
  /** Says how the operation stands, from a reply of its monitor, in place of what `poll()` knows of statuses and bodies. */
  readonly until?: ((reply: Success) => OperationStanding | Promise<OperationStanding>) | undefined
  /** Where the monitor is, from the first reply, for servers that do not say so in a header field; undefined when it is done. */
  readonly monitor?: ((reply: Success) => string | URL | undefined | Promise<string | URL | undefined>) | undefined
  /** Other origins that monitors and results may be at, `["https://eu.api.example.com"]`; no credentials go there. Default: none. */
  readonly origins?: readonly string[] | undefined
  /** Told of every reply that says that the operation runs. */
  readonly onProgress?: ((progress: PollProgress) => void) | undefined
}

/** Checked options. */
export interface PollPlan extends Pick<PollOptions, "until" | "monitor" | "onProgress"> {
  readonly deadlineMs: number
  readonly baseMs: number
  readonly capMs: number
  readonly reach: Reach
}

/** @throws ConfigurationError for options that cannot work. */
export function pollPlan(context: CallContext, options: PollOptions): PollPlan {
  knownOptions("poll", options, ["deadline", "baseMs", "capMs", "until", "monitor", "origins", "onProgress"])
  const { deadline = 600_000, baseMs = 1000, capMs = 30_000, until, monitor, onProgress } = options
  checkFunction("poll.until", until)
  checkFunction("poll.monitor", monitor)
  checkFunction("poll.onProgress", onProgress)
  return {
    deadlineMs: duration("poll.deadline", deadline),
    baseMs: checked("poll.baseMs", baseMs, 1),
    capMs: checked("poll.capMs", capMs, 1),
    reach: reach("poll", context.address(), options.origins),
    until,
    monitor,
    onProgress,
  }
}
