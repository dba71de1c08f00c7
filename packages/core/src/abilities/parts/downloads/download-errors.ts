import type { CallRecord } from "../../../call-record.ts"
import { BodyError, NoReplyError, TimeoutError } from "../../../errors.ts"
import type { Failure } from "../../../outcome.ts"
import type { TransferProgress } from "../../../progress.ts"

/** A reply, or what it brought, that the download cannot use. */
export function unusable(record: CallRecord, why: string): BodyError {
  return new BodyError(`${record.method} ${record.url} → ${why}`, record)
}

/** What is at the target must be written anew, and the target cannot take it back. */
export function cannotStartOver(record: CallRecord, why: string, atBytes: number): BodyError {
  return unusable(
    record,
    `broken off for good after ${atBytes} bytes: the download would have to start over (${why}), and a stream cannot; download to a file, or begin again with a fresh stream`,
  )
}

/** Too many requests in a row that brought nothing new. */
export function gaveUp(
  record: CallRecord,
  trouble: Failure | string,
  progress: TransferProgress,
  attempts: number,
): BodyError | NoReplyError {
  const times = attempts === 1 ? "" : `: ${attempts} requests in a row brought it no further`
  if (typeof trouble === "string") return unusable(record, `${trouble} (gave up ${place(progress)}${times})`)
  return noReply(record, trouble, ` ${place(progress)} (gave up${times}; call download() again to go on)`)
}

/** The deadline of the whole download. */
export function expired(record: CallRecord, limit: Failure, progress: TransferProgress): NoReplyError {
  return noReply(record, limit, ` (stopped ${place(progress)}; call download() again to go on)`)
}

function noReply(record: CallRecord, failure: Failure, more: string): NoReplyError {
  const line = `${record.method} ${record.url} → no reply: ${failure.message}${more}`
  return failure.code === "timeout" ? new TimeoutError(line, record, failure) : new NoReplyError(line, record, failure)
}

function place({ transferredBytes, totalBytes }: TransferProgress): string {
  return `at ${transferredBytes} of ${totalBytes ?? "unknown"} bytes`
}
