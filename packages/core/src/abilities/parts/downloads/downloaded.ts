import type { DigestAlgorithm, Digests } from "../../../algorithms/digest-fields.ts"
import type { AttemptRecord } from "../../../call-record.ts"
import type { HeaderFields } from "../../../headers.ts"
import type { TransferProgress } from "../../../progress.ts"
import type { ResumePlan } from "../resume-options.ts"
import type { Hashes } from "./running-digests.ts"

/** A download that is complete. */
export interface Downloaded {
  /** Its length. */
  readonly totalBytes: number
  /** How many of these bytes an earlier download had left at the target. */
  readonly resumedBytes: number
  /** How many requests it took, those of a client's retries not counted. More than 1 when it was resumed on the way. */
  readonly parts: number
  /** What tells the representation from others: its strong ETag or Last-Modified; undefined when it has none. */
  readonly validator: string | undefined
  /** The digests that were computed and are what the caller or the server named. */
  readonly verifiedDigests: readonly DigestAlgorithm[]
  /** Of the last reply: 200, 206, or 416 where nothing was left to send. */
  readonly status: number
  /** The URL that gave the last reply, after redirects. */
  readonly url: string
  /** Of the last reply. */
  readonly headers: HeaderFields
  /** Every attempt of every request, in order. */
  readonly attempts: readonly AttemptRecord[]
}

/** The options of a download, checked. */
export interface DownloadPlan {
  readonly onProgress: ((progress: TransferProgress) => void) | undefined
  readonly digest: Digests
  readonly hashes: Hashes
  readonly resume: ResumePlan
  readonly deadlineMs: number
}
