/** Every problem this API reports, under the name that ends its `type`. */
export const problems = {
  "invalid-request": [400, "The request is invalid", "Correct the fields listed in `errors` and send it again."],
  "malformed-json": [400, "The body is not JSON", "Send a body that is well-formed JSON."],
  unauthenticated: [
    401,
    "No valid credentials",
    "Send `Authorization: Bearer <token>` with a token that is still good.",
  ],
  "other-customers-order": [403, "The order is not yours", "Ask only for orders which your own token has made."],
  "no-such-order": [404, "There is no such order", "Check the id; the order may have been deleted."],
  "no-such-path": [404, "There is nothing at this path", "See /openapi.json for the paths there are."],
  "method-not-allowed": [405, "The method is not allowed here", "Use one of the methods in the Allow field."],
  "not-acceptable": [406, "No acceptable representation", "Accept application/json."],
  "key-in-flight": [409, "The first request is still in progress", "Send the same request again a little later."],
  "content-too-large": [413, "The body is too large", "Send less than 100 KiB."],
  "unsupported-media-type": [
    415,
    "The body has an unsupported type",
    "Send a type listed in the Accept or Accept-Patch field.",
  ],
  "key-reused": [422, "The Idempotency-Key belongs to another request", "Make a new key for every new request."],
  "internal-error": [500, "The server met an error", "Send it again later: the fault is on our side."],
} as const satisfies Record<string, readonly [status: number, title: string, remedy: string]>

export type ProblemName = keyof typeof problems

/** One thing wrong with a request: where, and a sentence for a person. */
export interface FieldError {
  /** Where in the body, as the fragment of a JSON Pointer (RFC 6901, section 6). */
  readonly pointer?: string
  /** Which query parameter. */
  readonly parameter?: string
  /** Which header field. */
  readonly header?: string
  readonly detail: string
}

export interface ProblemExtras {
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown wherever a request cannot be answered as asked; the API turns it into a reply of problem+json (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = "ProblemError"
  readonly problem: ProblemName
  readonly extras: ProblemExtras

  constructor(problem: ProblemName, detail: string, extras: ProblemExtras = {}) {
    super(detail)
    this.problem = problem
    this.extras = extras
  }
}

/** The 400 for these errors, with a detail that reads as one sentence. */
export function invalidRequest(errors: readonly FieldError[]): ProblemError {
  const detail = `The request was not accepted: ${errors.map((error) => error.detail).join("; ")}.`
  return new ProblemError("invalid-request", detail, { errors })
}

/** The reply that reports a problem. `requestId` names the occurrence. */
export function problemReply(error: ProblemError, requestId: string): Response {
  const [status, title] = problems[error.problem]
  const type = `/problems/${error.problem}`
  return problemJson({ type, title, status, detail: error.message, errors: error.extras.errors }, requestId, {
    ...error.extras.headers,
  })
}

interface ProblemMembers {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly errors?: readonly FieldError[] | undefined
}

/** A reply of problem+json with these members and `instance`. */
export function problemJson(
  members: ProblemMembers,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): Response {
  return Response.json(
    { ...members, instance: `urn:uuid:${requestId}` },
    { status: members.status, headers: { ...headers, "content-type": "application/problem+json" } },
  )
}
