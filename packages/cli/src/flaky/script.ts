import { seededRandom, statusName } from "steadfetch"
import type { Body, ReplyStep, Script } from "@steadfetch/testing/fault-server"
import { parseDuration } from "../duration.ts"
import { parseCount } from "../numbers.ts"
import { UsageError } from "../usage-error.ts"

/** The options that describe a script, as texts. */
export interface ScriptOptions {
  readonly status?: string | undefined
  readonly times?: string | undefined
  readonly then?: string | undefined
  readonly repeat?: boolean | undefined
  readonly "fail-share"?: string | undefined
  readonly seed?: string | undefined
  readonly "retry-after"?: string | undefined
  readonly delay?: string | undefined
  readonly body?: string | undefined
}

/** How many requests a share is laid out over before it begins anew. */
const SHARED_REQUESTS = 1000

/**
 * The script that the options describe, for every method and path.
 * @throws UsageError for options that are out of range or contradict each other.
 */
export function scriptFromOptions(options: ScriptOptions): Script {
  const { times, repeat = false, seed } = options
  const share = options["fail-share"]
  if (share !== undefined && times !== undefined) {
    throw new UsageError("--fail-share and --times both say which requests fail; give one")
  }
  if (seed !== undefined && share === undefined) throw new UsageError("--seed needs --fail-share, which it belongs to")
  if (repeat && times === undefined) throw new UsageError("--repeat needs --times: how many fail before each success")
  if (times === undefined && share === undefined) {
    const many = "all requests fail; say how many with --times or --fail-share"
    if (options.then !== undefined) throw new UsageError(`--then is never reached: ${many}`)
    if (options.body !== undefined) throw new UsageError(`--body is never sent: ${many}`)
  }
  const failing = failingStep(options)
  const passing = passingStep(options)
  if (share !== undefined) {
    const random = seededRandom(parseCount("--seed", seed ?? "1", 0))
    const least = parseShare(share)
    const steps = Array.from({ length: SHARED_REQUESTS }, () => (random() < least ? failing : passing))
    return { "/*": { steps, then: "repeat" } }
  }
  if (times === undefined) return { "/*": failing }
  const failures = Array.from({ length: parseCount("--times", times, 1, 10_000) }, () => failing)
  return { "/*": { steps: [...failures, passing], then: repeat ? "repeat" : "last" } }
}

function failingStep(options: ScriptOptions): ReplyStep {
  const status = parseStatus("--status", options.status ?? "503", 400)
  const retryAfter = options["retry-after"]
  const headers: Record<string, string> = { "content-type": "application/problem+json" }
  if (retryAfter !== undefined) headers["retry-after"] = String(parseCount("--retry-after", retryAfter, 0))
  const detail = `This server fails on purpose: ${statusName(status)}.`
  const body = { json: { type: "about:blank", title: statusName(status), status, detail } }
  return { kind: "reply", status, headers, body, ...delayOf(options) }
}

function passingStep(options: ScriptOptions): ReplyStep {
  const status = parseStatus("--then", options.then ?? "200", 200)
  return { kind: "reply", status, ...bodyOf(options.body, status), ...delayOf(options) }
}

function delayOf({ delay }: ScriptOptions): { delayMs?: number } {
  return delay === undefined ? {} : { delayMs: parseDuration("--delay", delay) }
}

/** Statuses that have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const BODYLESS: readonly number[] = [204, 205, 304]

function bodyOf(text: string | undefined, status: number): { body?: Body; headers?: Record<string, string> } {
  if (BODYLESS.includes(status)) {
    if (text === undefined) return {}
    throw new UsageError(`--body: a ${status} reply has no body; leave it out, or use --then 200`)
  }
  if (text === undefined) return { body: { json: { ok: true } } }
  return { body: text, headers: { "content-type": isJson(text) ? "application/json" : "text/plain; charset=utf-8" } }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function parseStatus(option: string, text: string, least: number): number {
  if (/^\d{3}$/.test(text) && Number(text) >= least && Number(text) <= 599) return Number(text)
  throw new UsageError(`${option} is ${JSON.stringify(text)}; give a status from ${least} to 599`)
}

function parseShare(text: string): number {
  if (/^(0?\.\d+|0|1|1\.0+|0\.\d+)$/.test(text)) return Number(text)
  throw new UsageError(`--fail-share is ${JSON.stringify(text)}; give a number from 0 to 1, such as 0.2`)
}
