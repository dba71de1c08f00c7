import { checked, knownOptions, whole } from "../../validation.ts"

/** How a transfer goes on after its connection broke. */
export interface ResumeOptions {
  /** Requests in a row that may bring it no byte further; then it ends. Default 5 for downloads, 10 for uploads. */
  readonly attempts?: number | undefined
  /** It waits between 0 and this many milliseconds, and up to twice as many with each request that brought nothing. Default 500. */
  readonly baseMs?: number | undefined
  /** That range never exceeds this many milliseconds. Default 20,000. */
  readonly capMs?: number | undefined
}

/** Checked options. */
export interface ResumePlan {
  readonly attempts: number
  readonly baseMs: number
  readonly capMs: number
}

/** @throws ConfigurationError for options that cannot work. */
export function resumePlan(options: ResumeOptions, attempts: number): ResumePlan {
  knownOptions("resume", options, ["attempts", "baseMs", "capMs"])
  return {
    attempts: whole("resume.attempts", options.attempts ?? attempts, 1),
    baseMs: checked("resume.baseMs", options.baseMs ?? 500, 0),
    capMs: checked("resume.capMs", options.capMs ?? 20_000, 0),
  }
}
