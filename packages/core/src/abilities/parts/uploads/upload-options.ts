import type { Success } from "../../../call-outcome.ts"
import type { Signal } from "../../../cancellation.ts"
import type { TransferProgress } from "../../../progress.ts"
import type { RequestOptions } from "../../../request-options.ts"
import type { Runtime } from "../../../runtime.ts"
import type { ResumeOptions, ResumePlan } from "../resume-options.ts"
import type { UploadChecksum, UploadMetadata } from "./upload-fields.ts"
import type { UploadRequests } from "./upload-requests.ts"
import type { UploadSource } from "./upload-source.ts"

/** Options of an upload. */
export interface UploadOptions {
  /** What the server is told of it. Default for a File: its name as `filename` and its type as `filetype`; else nothing. */
  readonly metadata?: UploadMetadata | undefined
  /**
   * The most bytes of one request, where a server or a proxy has a limit. Default: all that is left in one request, which
   * is fastest; with `checksum` 8 MiB.
   */
  readonly chunkBytes?: number | undefined
  /** Sends a checksum with every request, which the server must be able to check; each chunk is in memory then. Default: none. */
  readonly checksum?: UploadChecksum | undefined
  /** The URL of an upload that was begun before: goes on where it was left. Default: begins a new one. */
  readonly uploadUrl?: string | URL | undefined
  /** Whether an upload that the server does not know any more (404, 410) is begun anew, once. Default true. */
  readonly startOver?: boolean | undefined
  /** Told as soon as there is an upload that can be resumed, and waited for before anything is sent. */
  readonly onCreated?: ((upload: CreatedUpload) => void | Promise<void>) | undefined
  /** Told how far it has come: whenever the connection takes a piece, and whenever the server says what it has. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
  /** How it goes on after a break. */
  readonly resume?: ResumeOptions | undefined
  /** Milliseconds until all of it must be at the server; false for no limit. Default false. */
  readonly deadline?: number | false | undefined
}

/** The options of an upload, checked. */
export interface UploadPlan extends Omit<UploadOptions, "resume" | "deadline"> {
  readonly resume: ResumePlan
  readonly deadlineMs: number
}

/** What it takes to resume an upload later. */
export interface CreatedUpload {
  /** Keep it as you would keep a password: whoever knows it may be able to write to the upload. */
  readonly url: string
  /** Until when the server keeps the upload while it is unfinished, if it said so. */
  readonly expiresAt: Date | undefined
}

/** How far an upload has come. */
export interface UploadProgress extends TransferProgress {
  /** Bytes that the server has said it has. Never less than before, unless the upload was begun anew. */
  readonly transferredBytes: number
  readonly totalBytes: number
  /**
   * Bytes that were handed to the connection, those that the server has included: for a progress bar. What is lost on the
   * way is sent again, so this may go back to `transferredBytes`. In web pages, which do not see it, the same as that.
   */
  readonly sentBytes: number
  /** Until when the server keeps the upload while it is unfinished, as it said last. */
  readonly expiresAt: Date | undefined
}

/** An upload that is at the server, whole. */
export interface Uploaded {
  readonly url: string
  /** Its length. */
  readonly totalBytes: number
  /** The server's last word: what it replied to the last bytes, or to the question where to go on when it had them all. */
  readonly reply: Success
}

/** What an upload is made of, checked. */
export interface UploadParts {
  readonly requests: UploadRequests
  readonly source: UploadSource
  readonly metadata: string | undefined
  readonly options: UploadPlan
  readonly call: RequestOptions
  /** Fires with the call's, and at the deadline. */
  readonly signal: Signal
  /** The instant of `Clock.now()` by which all must be over. */
  readonly endsAt: number
  readonly runtime: Runtime
}
