import type { Success } from "./call-outcome.ts"
import type { CallRecord } from "./call-record.ts"
import { CallError } from "./errors.ts"
import { nameErrors } from "./steadfetch-error.ts"

/** What an {@link OperationError} knows beyond its call. */
export interface OperationErrorFields {
  /**
   * Why there is no result. "failed": the operation ended so, or was canceled. "deadline": it still runs. "no-monitor":
   * the reply does not say where to ask. "other-origin": the monitor or the result is where poll() does not go unasked.
   */
  readonly reason: "failed" | "deadline" | "no-monitor" | "other-origin"
  /** The server's own word: "Failed", "Canceled", "Running"; undefined when it gave none. */
  readonly state: string | undefined
  /** The status of the last reply. */
  readonly status: number
  /** The server's own words, of the last reply. */
  readonly serverMessage: string | undefined
  /** The API's own code for the error. */
  readonly code: string | undefined
  /** What to quote to the API's support. */
  readonly requestId: string | undefined
  readonly details: unknown
  /** The last reply's body: parsed when it was JSON, else its text. */
  readonly body: unknown
}

/** A long operation that brought no result: it failed, or still runs. */
export class OperationError extends CallError implements OperationErrorFields {
  static {
    nameErrors(this, "OperationError")
  }

  declare readonly reason: OperationErrorFields["reason"]
  declare readonly state: string | undefined
  declare readonly status: number
  declare readonly serverMessage: string | undefined
  declare readonly code: string | undefined
  declare readonly requestId: string | undefined
  declare readonly details: unknown
  declare readonly body: unknown
  /**
   * Where the operation's status is, to poll it later: `api.get(error.monitor).poll()`. As such a URL may be signed, it
   * does not stand in JSON and logs; nor does `reply`.
   */
  declare readonly monitor: string | undefined
  /** The last reply: the monitor's, or the one that began the operation. */
  declare readonly reply: Success

  constructor(
    message: string,
    record: CallRecord,
    fields: OperationErrorFields,
    monitor: string | undefined,
    reply: Success,
  ) {
    super(message, record)
    Object.assign(this, fields)
    Object.defineProperties(this, { monitor: { value: monitor }, reply: { value: reply } })
  }
}
