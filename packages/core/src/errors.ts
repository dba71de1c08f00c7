import type { AttemptRecord, CallRecord } from "./call-record.ts"
import type { Failure, FailureCode } from "./outcome.ts"
import type { SchemaIssue } from "./standard-schema.ts"
import { nameErrors, SteadfetchError } from "./steadfetch-error.ts"

/** A call that did not succeed: what was asked, and the story of its attempts. */
export class CallError extends SteadfetchError {
  static {
    nameErrors(this, "CallError")
  }

  readonly method: string
  /** Without credentials. */
  readonly url: string
  /** Every attempt: when, how long, status or failure, the wait after it and why. */
  readonly attempts: readonly AttemptRecord[]
  /** The earliest time at which another try makes sense; undefined when none does before something changes. */
  readonly retryAt: Date | undefined

  constructor(message: string, record: CallRecord, cause?: unknown) {
    super(message, cause === undefined || isEcho(cause, record) ? undefined : { cause })
    this.method = record.method
    this.url = record.url
    this.attempts = record.attempts
    this.retryAt = record.retryAt === undefined ? undefined : new Date(record.retryAt)
  }
}

/** Whether an error of the platform's tells a credential: Deno's names the URL. */
function isEcho(cause: unknown, record: CallRecord): boolean {
  const said = String((cause as Partial<Error> | null)?.message)
  return record.redact(said) !== said
}

/** What a StatusError knows beyond its call. */
export interface StatusErrorFields {
  readonly status: number
  readonly statusName: string
  readonly serverMessage: string | undefined
  readonly code: string | undefined
  readonly requestId: string | undefined
  readonly details: unknown
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** The server replied with a status that is no success. */
export class StatusError extends CallError implements StatusErrorFields {
  static {
    nameErrors(this, "StatusError")
  }

  declare readonly status: number
  /** The status's registered name. */
  declare readonly statusName: string
  /** The server's own words; they stand in `message`, too. */
  declare readonly serverMessage: string | undefined
  /** The API's own code for the error. */
  declare readonly code: string | undefined
  /** What to quote to the API's support. */
  declare readonly requestId: string | undefined
  /** Field errors and the like, as the server sent them. */
  declare readonly details: unknown
  /** The body: parsed when it was JSON, else its text. */
  declare readonly body: unknown
  /** The reply's header fields, by lower-case name, without cookies. */
  declare readonly headers: Readonly<Record<string, string>>

  constructor(message: string, record: CallRecord, fields: StatusErrorFields) {
    super(message, record)
    Object.assign(this, fields)
  }
}

/** 4xx: something is wrong with the request. Do not send it again unchanged. */
export class ClientError extends StatusError {
  static {
    nameErrors(this, "ClientError")
  }
}
/** 5xx: the server could not fulfil a request that may be right. Try later, not before `retryAt`. */
export class ServerError extends StatusError {
  static {
    nameErrors(this, "ServerError")
  }
}

/** No reply: refused, reset, name not found, TLS, a body that broke off. `code` says which. */
export class NoReplyError extends CallError {
  static {
    nameErrors(this, "NoReplyError")
  }

  readonly code: FailureCode

  constructor(message: string, record: CallRecord, failure: Failure) {
    super(message, record, failure.cause)
    this.code = failure.code
  }
}

/** No reply in time. */
export class TimeoutError extends NoReplyError {
  static {
    nameErrors(this, "TimeoutError")
  }

  /** Which time it was: the attempt's, a stall's in mid-body, or the whole call's deadline. */
  readonly limit: Failure["limit"]

  constructor(message: string, record: CallRecord, failure: Failure) {
    super(message, record, failure)
    this.limit = failure.limit
  }
}

/** The body of a reply is not what was asked for, or was read already. */
export class BodyError extends CallError {
  static {
    nameErrors(this, "BodyError")
  }

  /** The reply's status. */
  readonly status: number | undefined
  /** What the schema finds wrong with it, the first 100; undefined when it is no body of that kind at all. */
  declare readonly issues?: readonly SchemaIssue[] | undefined

  constructor(message: string, record: CallRecord, status?: number, cause?: unknown) {
    super(message, record, cause)
    this.status = status
  }
}
