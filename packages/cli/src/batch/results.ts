import type { BatchEnd } from "steadfetch"
import { bodyOf } from "../call/report.ts"
import { Interruption } from "../exit-codes.ts"
import type { LineCall } from "./call-line.ts"

export type End = BatchEnd<LineCall, unknown>

/** What became of one line, as plain data. */
export interface Result {
  /** Its place among the calls, from 0. */
  readonly index: number
  /** Its line, from 1. */
  readonly line: number
  readonly method: string
  readonly url: string
  readonly status: number | null
  readonly outcome: End["kind"]
  /** What to do with it: nothing; change it; send it again. */
  readonly verdict: "accept" | "correct" | "retry"
  readonly error: string | null
  readonly attempts: number
  readonly bodyForm?: string
  readonly body?: unknown
}

/** The result of a call. @param index Its place among all calls of the input. */
export async function resultOf(end: End, index: number, bodies: boolean): Promise<Result> {
  const { item, kind, outcome } = end
  const reply = outcome === undefined || outcome.kind === "no-reply" ? undefined : outcome
  return {
    index,
    line: item.line,
    method: item.method,
    url: item.url,
    status: reply?.status ?? null,
    outcome: kind,
    verdict: verdictOf(end),
    error: errorOf(end),
    attempts: outcome?.attempts.length ?? 0,
    ...(bodies && reply !== undefined ? await bodyOf(reply) : {}),
  }
}

/** What to do about a call that ended like this. */
export function verdictOf(end: BatchEnd<unknown, unknown>): Result["verdict"] {
  if (end.kind === "success") return "accept"
  if (end.kind === "client-error") return end.outcome.retryAt === undefined ? "correct" : "retry"
  if (end.kind === "thrown") return end.error instanceof Interruption ? "retry" : "correct"
  return "retry"
}

/** What went wrong with a call, in one line; null for nothing. */
export function errorOf(end: BatchEnd<unknown, unknown>): string | null {
  if (end.kind === "success") return null
  if (end.kind === "not-sent") return "stopped before its turn"
  const { error } = end
  if (error instanceof Interruption) return `aborted by ${error.message} while it was under way`
  return error instanceof Error ? error.message : String(error)
}
