/** How an operation stands. `result`: it is done, and its result is at this URL. */
export type OperationStanding = "running" | "done" | "failed" | { readonly result: string | URL }

/** What the body of a reply says of an operation. */
export interface OperationStatus {
  /** The server's own word. */
  readonly state: string | undefined
  /** Undefined when the body says nothing of it. */
  readonly standing: OperationStanding | undefined
}

type Members = Readonly<Record<string, unknown>>

/** In lower case, letters only. Words that end in "ing" are a part of them: pending, processing, validating, canceling. */
const RUNNING = /ing$|^(accepted|queued|enqueued|submitted|scheduled|started|notstarted|inprogress)$/
const FAILED = /^(fail|error|fault)|^(cancell?ed|aborted|rejected|expired|terminated|timedout)$/
const DONE = /^(succeeded|success|successful|completed?|done|finished)$/

/**
 * Reads how an operation stands from a body: a word in `status` or `state` (or Azure's `properties.provisioningState`),
 * or `done` of Google's operations.
 * @param isMonitor Whether it is known to be a status monitor, whose words all tell of the operation: one that is not
 * known says that it runs (Microsoft's guidelines). Elsewhere it may be a member of the result: `"status": "shipped"`.
 */
export function operationStatus(body: unknown, isMonitor: boolean): OperationStatus {
  const { status, state, done, error, name, response, resourceLocation, properties } = members(body)
  if (typeof done === "boolean") return { state: undefined, standing: done ? ended(error, undefined) : "running" }
  const word = [status, state, members(properties)["provisioningState"]].find((value) => typeof value === "string")
  if (word !== undefined) {
    const plain = word.toLowerCase().replace(/[^a-z]/g, "")
    if (RUNNING.test(plain)) return { state: word, standing: "running" }
    if (FAILED.test(plain)) return { state: word, standing: "failed" }
    if (DONE.test(plain)) return { state: word, standing: ended(error, resourceLocation) }
    return { state: word, standing: isMonitor ? "running" : undefined }
  }
  // JSON of protocol buffers leaves out what is false: `done`, too.
  const isGoogles = typeof name === "string" && /(^|\/)operations\//.test(name)
  return { state: undefined, standing: isGoogles && (error ?? response) === undefined ? "running" : undefined }
}

/** Google's operations are "done" in any case, with an error or a response. */
function ended(error: unknown, resultUrl: unknown): OperationStanding {
  if (typeof error === "object" && error !== null) return "failed"
  return typeof resultUrl === "string" && resultUrl !== "" ? { result: resultUrl } : "done"
}

function members(value: unknown): Members {
  return typeof value === "object" && value !== null ? (value as Members) : {}
}
