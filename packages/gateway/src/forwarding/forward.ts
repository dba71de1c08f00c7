import type { IncomingMessage, ServerResponse } from "node:http"
import {
  CallRecord,
  Cancellation,
  redactText,
  secretsIn,
  type BodySource,
  type Exchange,
  type Outcome,
  type Runtime,
} from "steadfetch"
import { expectsContinue } from "../entry/expectation.ts"
import type { Problem } from "../problem.ts"
import type { UpstreamCalls } from "../upstream-calls.ts"
import type { Visit } from "../watching/visit.ts"
import { failureProblem } from "./failure-problem.ts"
import { BodyTooLongError, NotedBody } from "./noted-body.ts"
import { replyFields } from "./reply-fields.ts"
import { requestFields } from "./request-fields.ts"
import { storyFields, verdictOn } from "./story.ts"
import { writeReply } from "./write-reply.ts"

/** A body that is announced to be no longer than this is not sent on before it is whole. */
const SHORT_BODY_BYTES = 64 * 1024

/** The callers who wait for the reply to a call, for what comes before it. */
export type Waiting = WeakMap<CallRecord, ServerResponse>

/** A request that has found its upstream. */
export interface Forwarding {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly upstream: UpstreamCalls
  /** What follows the upstream's URL. */
  readonly rest: string
  readonly authority: string
  readonly visit: Visit
  readonly via: string
  readonly unreadMs: number
  readonly runtime: Runtime
  readonly waiting: Waiting
}

/** The caller is gone: nobody is left to answer. */
class CallerLeft extends Error {
  override readonly name = "CallerLeft"
}

/**
 * Makes a request's call and passes its reply on.
 * @returns what to say in place of a reply; undefined when there was one, or nobody to tell.
 */
export async function forward(forwarding: Forwarding): Promise<Problem | undefined> {
  const { req, res, upstream, visit, waiting } = forwarding
  const body = bodyOf(req, upstream)
  if (body !== undefined && (body.length ?? 0) > upstream.noting.mostBytes) return tooLong(upstream)
  if (expectsContinue(req)) res.writeContinue()
  if (body !== undefined) res.once("finish", () => body.drop())
  const signal = new Cancellation(undefined)
  res.once("close", () => {
    if (!res.writableFinished) signal.cancel(new CallerLeft("the caller left"))
  })
  try {
    if ((body?.length ?? Number.POSITIVE_INFINITY) <= Math.min(SHORT_BODY_BYTES, upstream.noting.memoryBytes)) {
      await body?.gather()
    }
    const exchange = exchangeOf(forwarding, signal, body ?? null)
    visit.record = exchange.record
    waiting.set(exchange.record, res)
    const outcome = await upstream.call(exchange)
    if (signal.aborted) {
      if (outcome.kind === "reply") outcome.body.discard()
      return undefined
    }
    return passOn(forwarding, outcome, exchange.record)
  } catch (error) {
    if (signal.aborted) return undefined
    if (error instanceof BodyTooLongError) return tooLong(upstream)
    throw error
  } finally {
    body?.discard()
  }
}

function passOn(forwarding: Forwarding, outcome: Outcome, record: CallRecord): Problem | undefined {
  const { res, upstream, visit, via, unreadMs, runtime } = forwarding
  const { clock } = runtime
  const verdict = verdictOn(outcome, upstream.contract, clock)
  visit.verdict = verdict
  const story = storyFields(record, verdict, upstream.name)
  if (outcome.kind === "failure") {
    const problem = failureProblem(outcome, record, upstream.name, clock.date())
    return { ...problem, fields: [...(problem.fields ?? []), ...story] }
  }
  const fields = replyFields(outcome, via, story)
  const onBroken = (why: string): void => {
    visit.problem = why
  }
  try {
    writeReply(res, outcome.status, fields, outcome.body, { clock, unreadMs, onBroken })
    return undefined
  } catch (error) {
    outcome.body.discard()
    throw error
  }
}

function bodyOf(req: IncomingMessage, upstream: UpstreamCalls): NotedBody | undefined {
  const { "content-length": length, "transfer-encoding": coding } = req.headers
  if (coding !== undefined) return new NotedBody(req, undefined, upstream.noting)
  return length === undefined || Number(length) === 0 ? undefined : new NotedBody(req, Number(length), upstream.noting)
}

function exchangeOf(forwarding: Forwarding, signal: Cancellation, body: BodySource | null): Exchange {
  const { req, upstream, rest, authority, via, runtime } = forwarding
  const method = req.method ?? "GET"
  const url = upstream.base + rest
  const secrets: string[] = []
  const headers = requestFields({
    raw: req.rawHeaders,
    caller: req.socket.remoteAddress ?? "unknown",
    authority,
    via: upstream.settings.via === false ? undefined : via,
    forwarded: upstream.settings.forwarded,
  })
  // undici is told the length of what it is given piece by piece.
  const withLength =
    body?.length === undefined ? headers : [...headers, ["content-length", String(body.length)] as const]
  return {
    request: { method, url, headers: withLength, body },
    reading: "stream",
    signal,
    deadlineAt: Number.POSITIVE_INFINITY,
    maxBodyBytes: Number.MAX_SAFE_INTEGER,
    keyed: false,
    // TRACE comes back with all that was sent: no credentials then (RFC 9110 §9.3.8).
    options: method === "TRACE" ? { redirect: "manual", auth: false } : { redirect: "manual" },
    watch: undefined,
    secrets,
    record: new CallRecord(method, url, runtime.clock.date(), (text) =>
      redactText(text, [...secrets, ...secretsIn(url)]),
    ),
  }
}

function tooLong({ noting }: UpstreamCalls): Problem {
  const detail = `The body is longer than the ${noting.mostBytes} bytes that the gateway takes for this upstream. Send less, or raise body.mostBytes in its configuration.`
  return { status: 413, code: "body-too-long", detail }
}
