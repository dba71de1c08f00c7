import { advice } from "./advice.ts"
import type { CallOutcome, Success } from "./call-outcome.ts"
import type { CallRecord } from "./call-record.ts"
import { judge, type Contract } from "./contract.ts"
import { ClientError, NoReplyError, TimeoutError, type ServerError, type StatusErrorFields } from "./errors.ts"
import type { HeaderFields } from "./headers.ts"
import type { Failure, Outcome, Reply, Verdict } from "./outcome.ts"
import { explain } from "./problem.ts"
import { ReceivedReply } from "./received-reply.ts"
import type { Clock } from "./runtime.ts"
import { MOST_EXPLANATION_BYTES, readAll, WholeBody } from "./reply-body.ts"
import { statusErrorClass } from "./status-errors.ts"
import { statusDigit, statusName } from "./status.ts"

/** A reply that is a success. */
class SuccessReply extends ReceivedReply implements Success {
  readonly kind = "success"
  readonly created: Success["created"]

  constructor(reply: Reply, url: string, verdict: Verdict, record: CallRecord) {
    super(reply, url, verdict, record, describe)
    this.created = created(reply, url)
  }
}

/**
 * What the caller gets for an outcome: kinds to switch on, errors made but not thrown. A success is there at once.
 * @throws The reason of the caller's signal, exactly as it is.
 */
export function callOutcome(
  outcome: Outcome,
  url: string,
  record: CallRecord,
  contract: Contract,
  clock: Clock,
): CallOutcome | Promise<CallOutcome> {
  if (outcome.kind === "failure") {
    if (outcome.code === "aborted") throw outcome.cause
    const error = failureError(outcome, record)
    return { kind: "no-reply", error, attempts: record.attempts, retryAt: error.retryAt }
  }
  const { verdict } = judge(contract, outcome, clock)
  const from = outcome.url ?? url
  if (statusDigit(outcome.status) < 4 || verdict === "accept") {
    return new SuccessReply(outcome, from, verdict, record)
  }
  return explained(outcome, from, verdict, record)
}

/** A 4xx or 5xx with its error. */
async function explained(outcome: Reply, from: string, verdict: Verdict, record: CallRecord): Promise<CallOutcome> {
  const whole = await withWholeBody(outcome)
  const reply = new ReceivedReply(whole, from, verdict, record, describe)
  const text = new TextDecoder().decode(whole.body.bytes)
  const error = statusError(whole, record, record.redact(text))
  const { retryAt } = error
  return error instanceof ClientError
    ? Object.assign(reply, { kind: "client-error" as const, error, retryAt })
    : Object.assign(reply, { kind: "server-error" as const, error, retryAt })
}

function describe(failure: Failure, record: CallRecord): unknown {
  return failure.code === "aborted" ? failure.cause : failureError(failure, record)
}

/** For 201: Location, resolved; else the target of the request (RFC 9110 §15.3.2). */
function created(reply: Reply, url: string): Success["created"] {
  if (reply.status !== 201) return undefined
  const location = reply.headers.get("location") ?? ""
  return { location: URL.canParse(location, url) ? new URL(location, url).href : url }
}

/** A streamed error is read here: its words are wanted now. One that cannot be read explains nothing. */
async function withWholeBody(reply: Reply): Promise<Reply> {
  if (reply.body.bytes !== undefined) return reply
  const unread = (): Failure => ({ kind: "failure" }) as Failure
  const read = await readAll(reply.body.stream(unread), undefined, MOST_EXPLANATION_BYTES, unread)
  return { ...reply, body: new WholeBody("kind" in read ? new Uint8Array() : read) }
}

function statusError(reply: Reply, record: CallRecord, text: string): ClientError | ServerError {
  const { status } = reply
  const headers = shownHeaders(reply.headers, record)
  const { message, ...explained } = explain({ get: (name) => headers[name] ?? null }, text)
  const name = statusName(status)
  const said = message === undefined || repeats(message, status, name) ? "" : `: ${message}`
  const id = explained.requestId === undefined ? "" : ` [request id ${explained.requestId}]`
  const line = `${record.method} ${record.url} → ${status} ${name}${said}${advice(record)}${id}`
  const fields: StatusErrorFields = {
    status,
    statusName: name,
    serverMessage: message,
    headers,
    ...explained,
  }
  return new (statusErrorClass(status))(line, record, fields)
}

/** Whether a message says no more than the status: gateways and frameworks send "502 Bad Gateway". */
function repeats(message: string, status: number, name: string): boolean {
  return [name, `${status} ${name}`].some((known) => known.toLowerCase() === message.toLowerCase())
}

/** Cookies are credentials and stay out of errors; echoes of the request's own are taken out. */
function shownHeaders(headers: HeaderFields, record: CallRecord): Readonly<Record<string, string>> {
  const shown = [...headers].filter(([name]) => !/^set-cookie2?$/i.test(name))
  return Object.fromEntries(shown.map(([name, value]) => [name.toLowerCase(), record.redact(value)]))
}

function failureError(failure: Failure, record: CallRecord): NoReplyError {
  // A call that was answered before its body broke off was right: there is nothing to correct.
  const why = record.ending === "answered" ? " (not retried: its body was handed over already)" : advice(record)
  const line = `${record.method} ${record.url} → no reply: ${record.redact(failure.message)}${why}`
  return failure.code === "timeout" ? new TimeoutError(line, record, failure) : new NoReplyError(line, record, failure)
}
