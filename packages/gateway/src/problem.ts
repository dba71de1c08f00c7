import { statusName } from "steadfetch"

/** What a reply of the gateway's own says (RFC 9457), in place of an upstream's. */
export interface Problem {
  readonly status: number
  /** Names the case, for programs. */
  readonly code: string
  /** What happened, and what to do. */
  readonly detail: string
  /** Further members. */
  readonly more?: Readonly<Record<string, unknown>> | undefined
  /** Further header fields. */
  readonly fields?: readonly string[] | undefined
}

/** A problem's body. */
export function problemBody({ status, code, detail, more }: Problem): string {
  return `${JSON.stringify({ type: "about:blank", title: statusName(status), status, detail, code, ...more })}\n`
}

/** Its header fields, one after another. The length is of the body as {@link problemBody} makes it. */
export function problemFields({ fields = [] }: Problem, body: string): string[] {
  return [
    "Content-Type",
    "application/problem+json",
    "Content-Length",
    String(Buffer.byteLength(body)),
    "Cache-Control",
    "no-store",
    ...fields,
  ]
}

/** A problem as a whole message, for a connection whose request could not be read. */
export function problemMessage(problem: Problem): string {
  const body = problemBody(problem)
  const fields = [...problemFields(problem, body), "Connection", "close"]
  const lines = fields.flatMap((part, index) => (index % 2 === 0 ? [`${part}: ${fields[index + 1] ?? ""}\r\n`] : []))
  return `HTTP/1.1 ${problem.status} ${statusName(problem.status)}\r\n${lines.join("")}\r\n${body}`
}
