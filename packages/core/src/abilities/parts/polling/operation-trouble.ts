import type { CallContext } from "../../../call.ts"
import type { Success } from "../../../call-outcome.ts"
import { CallRecord } from "../../../call-record.ts"
import { OperationError, type OperationErrorFields } from "../../../operation-error.ts"
import { explain, oneLine } from "../../../problem.ts"
import { ReceivedReply } from "../../../received-reply.ts"
import { redactUrl } from "../../../redaction.ts"

/** Why an operation brings no result. */
export interface Trouble extends Pick<OperationErrorFields, "reason"> {
  /** The last reply. */
  readonly reply: Success
  /** The server's own word. */
  readonly state: string | undefined
  /** Where the operation's status is; for "other-origin" also where its result is. */
  readonly monitor: string | undefined
  /** For "deadline": after how many milliseconds it may be asked about. */
  readonly afterMs?: number | undefined
  /** For "other-origin": where it leads, and why that is not asked. */
  readonly objection?: string | undefined
}

/** The error for a call that began an operation. */
export async function operationError(
  context: CallContext,
  deadlineMs: number,
  { reason, reply, state, monitor, afterMs, objection }: Trouble,
): Promise<OperationError> {
  const { clock } = context.runtime
  const redact = (text: string): string => (reply instanceof ReceivedReply ? reply.redact(text) : text)
  const shown = (url: string | undefined): string => redact(redactUrl(url ?? ""))
  const { message, ...explained } = explain({ get: (name) => told(reply, name, redact) }, redact(await reply.text()))
  const record = new CallRecord(context.method, context.address(), clock.date(), redact)
  record.attempts.push(...reply.attempts)
  if (afterMs !== undefined) record.retryAt = clock.date() + afterMs
  const word = state === undefined ? undefined : oneLine(redact(state))
  const said = word === undefined ? "" : ` (${JSON.stringify(word)})`
  const again = monitor === undefined ? "" : `; poll ${shown(monitor)} again later`
  const what: Readonly<Record<Trouble["reason"], string>> = {
    failed: `the operation failed${said}: ${message ?? "the server does not say why"}`,
    deadline: `the operation still runs${said} after ${deadlineMs} ms${again}`,
    "no-monitor": `the operation runs${said}, and the reply names no monitor (Operation-Location, Location, …); say where it is with poll({ monitor: (reply) => url })`,
    "other-origin": `the operation goes on at ${redact(objection ?? "")}`,
  }
  const line = `${record.method} ${record.url} → ${reply.status} ${reply.statusName}: ${what[reason]}`
  const fields = { reason, state: word, status: reply.status, serverMessage: message, ...explained }
  return new OperationError(line, record, fields, monitor, reply)
}

/** A header field of a reply, without credentials. */
function told({ headers }: Success, name: string, redact: (text: string) => string): string | null {
  const value = headers.get(name)
  return value === null ? null : redact(value)
}
