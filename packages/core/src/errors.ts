import type { AttemptRecord, CallRecord } from "./call-record.ts"
import type { Failure, FailureCode } from "./outcome.ts"
import { STATUS_NAMES, statusDigit } from "./status.ts"
import { SteadfetchError } from "./steadfetch-error.ts"

/** A call that did not succeed: what was asked, and the story of its attempts. */
export class CallError extends SteadfetchError {
  readonly method: string
  /** Without credentials. */
  readonly url: string
  /** Every attempt: when, how long, status or failure, the wait after it and why. */
  readonly attempts: readonly AttemptRecord[]
  /** The earliest time at which another try makes sense; undefined when none does before something changes. */
  readonly retryAt: Date | undefined

  constructor(message: string, record: CallRecord, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.method = record.method
    this.url = record.url
    this.attempts = record.attempts
    this.retryAt = record.retryAt === undefined ? undefined : new Date(record.retryAt)
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), attempts: this.attempts.map((attempt) => ({ ...attempt, url: attempt.url })) }
  }
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
export class ClientError extends StatusError {}
/** 5xx: the server could not fulfil a request that may be right. Try later, not before `retryAt`. */
export class ServerError extends StatusError {}

export class BadRequestError extends ClientError {}
export class UnauthorizedError extends ClientError {}
export class PaymentRequiredError extends ClientError {}
export class ForbiddenError extends ClientError {}
export class NotFoundError extends ClientError {}
export class MethodNotAllowedError extends ClientError {}
export class NotAcceptableError extends ClientError {}
export class ProxyAuthenticationRequiredError extends ClientError {}
export class RequestTimeoutError extends ClientError {}
export class ConflictError extends ClientError {}
export class GoneError extends ClientError {}
export class LengthRequiredError extends ClientError {}
export class PreconditionFailedError extends ClientError {}
export class ContentTooLargeError extends ClientError {}
export class URITooLongError extends ClientError {}
export class UnsupportedMediaTypeError extends ClientError {}
export class RangeNotSatisfiableError extends ClientError {}
export class ExpectationFailedError extends ClientError {}
export class MisdirectedRequestError extends ClientError {}
export class UnprocessableContentError extends ClientError {}
export class LockedError extends ClientError {}
export class FailedDependencyError extends ClientError {}
export class TooEarlyError extends ClientError {}
export class UpgradeRequiredError extends ClientError {}
export class PreconditionRequiredError extends ClientError {}
export class TooManyRequestsError extends ClientError {}
export class RequestHeaderFieldsTooLargeError extends ClientError {}
export class UnavailableForLegalReasonsError extends ClientError {}
export class InternalServerError extends ServerError {}
export class NotImplementedError extends ServerError {}
export class BadGatewayError extends ServerError {}
export class ServiceUnavailableError extends ServerError {}
export class GatewayTimeoutError extends ServerError {}
export class HTTPVersionNotSupportedError extends ServerError {}
export class VariantAlsoNegotiatesError extends ServerError {}
export class InsufficientStorageError extends ServerError {}
export class LoopDetectedError extends ServerError {}
export class NotExtendedError extends ServerError {}
export class NetworkAuthenticationRequiredError extends ServerError {}

/** No reply: refused, reset, name not found, TLS, a body that broke off. `code` says which. */
export class NoReplyError extends CallError {
  readonly code: FailureCode

  constructor(message: string, record: CallRecord, failure: Failure) {
    super(message, record, failure.cause)
    this.code = failure.code
  }
}

/** No reply in time. */
export class TimeoutError extends NoReplyError {
  /** Which time it was: the attempt's, a stall's in mid-body, or the whole call's deadline. */
  readonly limit: Failure["limit"]

  constructor(message: string, record: CallRecord, failure: Failure) {
    super(message, record, failure)
    this.limit = failure.limit
  }
}

/** The body of a reply is not what was asked for, or was read already. */
export class BodyError extends CallError {
  /** The reply's status. */
  readonly status: number | undefined

  constructor(message: string, record: CallRecord, status?: number, cause?: unknown) {
    super(message, record, cause)
    this.status = status
  }
}

const BY_STATUS: Readonly<Record<number, typeof ClientError | typeof ServerError>> = {
  400: BadRequestError,
  401: UnauthorizedError,
  402: PaymentRequiredError,
  403: ForbiddenError,
  404: NotFoundError,
  405: MethodNotAllowedError,
  406: NotAcceptableError,
  407: ProxyAuthenticationRequiredError,
  408: RequestTimeoutError,
  409: ConflictError,
  410: GoneError,
  411: LengthRequiredError,
  412: PreconditionFailedError,
  413: ContentTooLargeError,
  414: URITooLongError,
  415: UnsupportedMediaTypeError,
  416: RangeNotSatisfiableError,
  417: ExpectationFailedError,
  421: MisdirectedRequestError,
  422: UnprocessableContentError,
  423: LockedError,
  424: FailedDependencyError,
  425: TooEarlyError,
  426: UpgradeRequiredError,
  428: PreconditionRequiredError,
  429: TooManyRequestsError,
  431: RequestHeaderFieldsTooLargeError,
  451: UnavailableForLegalReasonsError,
  500: InternalServerError,
  501: NotImplementedError,
  502: BadGatewayError,
  503: ServiceUnavailableError,
  504: GatewayTimeoutError,
  505: HTTPVersionNotSupportedError,
  506: VariantAlsoNegotiatesError,
  507: InsufficientStorageError,
  508: LoopDetectedError,
  510: NotExtendedError,
  511: NetworkAuthenticationRequiredError,
}

/** The class of error for a status; its class's own where none is registered. */
export function statusErrorClass(status: number): typeof ClientError | typeof ServerError {
  return BY_STATUS[status] ?? (statusDigit(status) === 4 ? ClientError : ServerError)
}

// A minifier shortens class names, and errors are told apart by them: these are set as data.
const named: readonly (readonly [{ readonly prototype: SteadfetchError }, string])[] = [
  [CallError, "CallError"],
  [StatusError, "StatusError"],
  [ClientError, "ClientError"],
  [ServerError, "ServerError"],
  [NoReplyError, "NoReplyError"],
  [TimeoutError, "TimeoutError"],
  [BodyError, "BodyError"],
  ...Object.entries(BY_STATUS).map(
    ([status, type]) => [type, `${(STATUS_NAMES[Number(status)] ?? "").replace(/\W|Error$/g, "")}Error`] as const,
  ),
]
for (const [type, name] of named) type.prototype.name = name

/**
 * The error that `error.toJSON()` described, with its class and fields: for what comes out of a log, a worker or a queue.
 * Undefined when the data is no error of this package.
 */
export function reviveError(data: unknown): CallError | undefined {
  if (typeof data !== "object" || data === null || !("name" in data) || !("message" in data)) return undefined
  const type = named.find(([, name]) => name === data.name)?.[0]
  if (type === undefined) return undefined
  const { name: _, message, ...fields } = data as { name: string; message: string; retryAt?: unknown }
  if (typeof fields.retryAt === "string") fields.retryAt = new Date(fields.retryAt)
  const error: unknown = Object.setPrototypeOf(Object.assign(new Error(message), fields), type.prototype)
  return CallError.is(error) ? error : undefined
}
