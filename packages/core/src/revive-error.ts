import { BodyError, CallError, ClientError, NoReplyError, ServerError, StatusError, TimeoutError } from "./errors.ts"
import { OperationError } from "./operation-error.ts"
import { statusErrorClass } from "./status-errors.ts"

const GENERAL = [
  CallError,
  StatusError,
  ClientError,
  ServerError,
  NoReplyError,
  TimeoutError,
  BodyError,
  OperationError,
]

/**
 * The error that `error.toJSON()` described, with its class and fields: for what comes out of a log, a worker or a queue.
 * Undefined when the data is no error of this package.
 */
export function reviveError(data: unknown): CallError | undefined {
  if (typeof data !== "object" || data === null || !("name" in data) || !("message" in data)) return undefined
  const ofStatus = "status" in data && typeof data.status === "number" ? [statusErrorClass(data.status)] : []
  const type = [...GENERAL, ...ofStatus].find(({ prototype }) => prototype.name === data.name)
  if (type === undefined) return undefined
  const { name: _, message, ...fields } = data as { name: string; message: string; retryAt?: unknown }
  if (typeof fields.retryAt === "string") fields.retryAt = new Date(fields.retryAt)
  const error: unknown = Object.setPrototypeOf(Object.assign(new Error(message), fields), type.prototype)
  return CallError.is(error) ? error : undefined
}
