import type { CallOutcome, HeaderFields, Replied } from "steadfetch"

/** The object of `--output json`. */
export interface Report {
  readonly outcome: CallOutcome["kind"]
  readonly method: string
  readonly url: string
  readonly status: number | null
  readonly statusName: string | null
  /** By lower-case name; several lines of a field joined with ", ", but Set-Cookie, which cannot be joined, a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>> | null
  /** Which of its forms the body has here. */
  readonly bodyForm: "json" | "text" | "base64" | "none"
  readonly body: unknown
  readonly attempts: readonly unknown[]
  /** ISO 8601; null when another try makes no sense before something changes. */
  readonly retryAt: string | null
  readonly error: unknown
}

/** What came of a call, as plain data. The body has to be there. */
export async function report(outcome: CallOutcome, method: string): Promise<Report> {
  const failed = outcome.kind === "success" ? undefined : outcome
  const ending = {
    attempts: outcome.attempts,
    retryAt: failed?.retryAt?.toISOString() ?? null,
    error: failed === undefined ? null : shownError(failed.error.toJSON()),
  }
  if (outcome.kind === "no-reply") {
    const { url } = outcome.error
    const none = { status: null, statusName: null, headers: null, bodyForm: "none", body: null } as const
    return { outcome: outcome.kind, method, url, ...none, ...ending }
  }
  const { kind, url, status, statusName } = outcome
  const headers = fieldsOf(outcome.headers)
  return { outcome: kind, method, url, status, statusName, headers, ...(await bodyOf(outcome)), ...ending }
}

const SAID_ELSEWHERE: readonly string[] = ["attempts", "headers", "body", "cause"]

/** The error without what the report itself says. */
function shownError(error: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(error).filter(([name]) => !SAID_ELSEWHERE.includes(name)))
}

function fieldsOf(headers: HeaderFields): Report["headers"] {
  const fields: Record<string, string | string[]> = {}
  for (const [name, value] of headers) {
    const before = fields[name]
    if (name === "set-cookie") fields[name] = [...(before ?? []), value]
    else fields[name] = typeof before === "string" ? `${before}, ${value}` : value
  }
  return fields
}

/** The body in a form that JSON can hold. */
export async function bodyOf(reply: Replied): Promise<Pick<Report, "body" | "bodyForm">> {
  const bytes = await reply.bytes()
  if (bytes.byteLength === 0) return { bodyForm: "none", body: null }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    return parsed(text) ?? { bodyForm: "text", body: text }
  } catch {
    return { bodyForm: "base64", body: Buffer.from(bytes).toString("base64") }
  }
}

function parsed(text: string): Pick<Report, "body" | "bodyForm"> | undefined {
  try {
    return { bodyForm: "json", body: JSON.parse(text) }
  } catch {
    return undefined
  }
}
