import type { Success } from "./call-outcome.ts"
import type { CallRecord } from "./call-record.ts"
import { CallError } from "./errors.ts"
import { nameErrors } from "./steadfetch-error.ts"

/** What an {@link OperationError} knows beyond its call. */
export interface OperationErrorFields {
  readonly reason: "failed" | "deadline" | "no-monitor" | "other-origin"
  readonly state: string | undefined
  readonly status: number
  readonly serverMessage: string | undefined
  readonly code: string | undefined
  readonly requestId: string | undefined
  readonly details: unknown
  readonly body: unknown
}

/** A long operation that brought no result: it failed, or still runs. `attempts` are those of the last reply. */
export class OperationError extends CallError implements OperationErrorFields {
  static {
    nameErrors(this, "OperationError")
  }

  /**
   * Why there is no result. "failed": the operation ended so, or was canceled. "deadline": it still runs. "no-monitor":
   * the reply does not say where to ask. "other-origin": the monitor or the result is where `poll()` does not go unasked.
   */
  declare readonly reason: OperationErrorFields["reason"]
  /** The server's own word: "Failed", "Canceled", "Running"; undefined when it gave none. */
  declare readonly state: string | undefined
  /** The status of the last reply. */
  declare readonly status: number
  /** The server's own words, of the last reply. */
  declare readonly serverMessage: string | undefined
  /** The API's own code for the error. */
  declare readonly code: string | undefined
  /** What to quote to the API's support. */
  declare readonly requestId: string | undefined
  /** Field errors and the like, as the server sent them. */
  declare readonly details: unknown
  /** The last reply's body: parsed when it was JSON, else its text. */
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
