import { fullJitterMs } from "../../../algorithms/backoff.ts"
import { parseHttpDate } from "../../../algorithms/http-date.ts"
import type { CallOutcome, Success } from "../../../call-outcome.ts"
import { CallRecord } from "../../../call-record.ts"
import { ABORTED, pause, untilAborted, type Signal } from "../../../cancellation.ts"
import { TimeoutError } from "../../../errors.ts"
import { isFailure, type Failure } from "../../../outcome.ts"
import { ConfigurationError } from "../../../steadfetch-error.ts"
import { bytesField } from "./upload-fields.ts"
import type { Uploaded, UploadParts, UploadProgress } from "./upload-options.ts"
import { sendPart } from "./upload-patch.ts"
import { isDone } from "./upload-requests.ts"
import { EXPOSED, finalError, floorMs, isTemporary } from "./upload-verdict.ts"

/** Without a deadline, a server that asks for a longer wait than this ends the upload, which can be resumed then. */
const MOST_WAIT_MS = 60_000

/** A PATCH of so few bytes is not made smaller. */
const SMALLEST_BYTES = 64 * 1024

/** What was too large, or never got through, is sent again in pieces of at most so many bytes. */
const SMALLER_BYTES = 16 * 1024 * 1024

/**
 * One upload from its creation, or from where it was left, to its end. It never sends again what may have arrived: after
 * every failure HEAD tells where to go on, and it gives up when that has not moved for a number of tries.
 */
export class UploadRun {
  readonly #parts: UploadParts
  readonly #signal: Signal
  #url: string | undefined
  /** What the server has; undefined when only HEAD can tell. */
  #offset: number | undefined
  /** The most it ever had. */
  #mostBytes = 0
  #expiresAt: Date | undefined
  /** The most bytes of a PATCH that the options and the server allow. */
  #mostChunkBytes: number
  #chunkBytes: number
  #mayStartOver: boolean
  #misses = 0

  constructor(parts: UploadParts) {
    const { options, signal, requests } = parts
    const { chunkBytes = Number.POSITIVE_INFINITY, uploadUrl, startOver = true } = options
    this.#parts = parts
    this.#signal = signal
    this.#mostChunkBytes = chunkBytes
    this.#chunkBytes = chunkBytes
    this.#mayStartOver = startOver
    if (uploadUrl === undefined) return
    const invalid = (why: string): Error =>
      new ConfigurationError(`uploadUrl: ${why}; give the URL that onCreated told`)
    this.#url = requests.uploadUrl(String(uploadUrl), requests.address, invalid)
  }

  async run(): Promise<Uploaded> {
    try {
      return await this.#run()
    } catch (error) {
      throw isFailure(error) ? this.#expired(error) : error
    }
  }

  async #run(): Promise<Uploaded> {
    const { source } = this.#parts
    for (;;) {
      const reply = this.#url === undefined ? await this.#create() : await this.#goOn(this.#url)
      if (reply !== undefined && this.#url !== undefined && this.#offset === source.size)
        return { url: this.#url, totalBytes: source.size, reply }
    }
  }

  async #create(): Promise<Success> {
    const { requests, source, metadata, options } = this.#parts
    const outcome = await requests.create(source.size, metadata)
    if (!isDone(outcome)) throw finalError("POST", outcome, requests)
    const unexpected = (why: string): Error => requests.unexpected("POST", outcome, why)
    const location = outcome.headers.get("location")
    if (location === null) throw unexpected(`no Location, which names the upload; ${EXPOSED}`)
    this.#url = requests.uploadUrl(location, outcome.url, (why) => unexpected(`its Location ${why}`))
    this.#readExpiry(outcome)
    const told = Promise.resolve(options.onCreated?.({ url: this.#url, expiresAt: this.#expiresAt }))
    if ((await untilAborted(told, this.#signal)) === ABORTED) throw this.#signal.reason
    this.#arrived(0)
    return outcome
  }

  /** Asks where the upload is, or sends what comes next; undefined when that did not succeed and is to be tried again. */
  async #goOn(url: string): Promise<Success | undefined> {
    const { requests, source } = this.#parts
    const from = this.#offset
    if (from === undefined) {
      const outcome = await requests.head(url)
      return isDone(outcome) ? this.#found(outcome) : this.#missed("HEAD", outcome)
    }
    const to = Math.min(source.size, from + this.#chunkBytes)
    const outcome = await sendPart(this.#parts, url, from, to, (sentBytes) => this.#tell(sentBytes))
    if (!isDone(outcome)) return this.#missed("PATCH", outcome, to - from)
    const offset = bytesField(outcome.headers.get("upload-offset"))
    if (offset === undefined || offset < from || offset > to)
      throw requests.unexpected("PATCH", outcome, offsetNot(`from ${from} to ${to}`))
    this.#readExpiry(outcome)
    this.#arrived(offset)
    // A server that takes nothing and says so is asked again later.
    if (offset === from) return this.#again("PATCH", outcome)
    this.#chunkBytes = Math.min(this.#mostChunkBytes, this.#chunkBytes * 2)
    return outcome
  }

  /** Where the upload is, as HEAD tells. */
  #found(outcome: Success): Success {
    const { requests, source } = this.#parts
    const length = bytesField(outcome.headers.get("upload-length"))
    if (length !== undefined && length !== source.size)
      throw requests.unexpected("HEAD", outcome, `that upload has ${length} bytes, and the source ${source.size}; give its source, or begin a new upload`) // prettier-ignore
    const offset = bytesField(outcome.headers.get("upload-offset"))
    if (offset === undefined || offset > source.size)
      throw requests.unexpected("HEAD", outcome, offsetNot(`up to ${source.size}`))
    this.#readExpiry(outcome)
    this.#arrived(offset)
    return outcome
  }

  /** What to do after what did not succeed. @throws What ends the upload. */
  async #missed(method: "HEAD" | "PATCH", outcome: CallOutcome, sentBytes = 0): Promise<undefined> {
    const status = outcome.kind === "no-reply" ? undefined : outcome.status
    if (status === 404 || status === 410) return this.#startOver(method, outcome)
    const isTooLarge = status === 413 && sentBytes > SMALLEST_BYTES
    if (!isTooLarge && !isTemporary(outcome)) throw finalError(method, outcome, this.#parts.requests)
    // A proxy that passes on whole requests alone loses all of one that is cut off: on a bad line, only short ones arrive.
    const isLost = this.#misses > 0 && sentBytes > SMALLEST_BYTES && (status === undefined || status >= 500)
    if (isTooLarge || isLost)
      this.#chunkBytes = Math.max(SMALLEST_BYTES, Math.min(SMALLER_BYTES, Math.floor(sentBytes / 4)))
    if (isTooLarge) this.#mostChunkBytes = this.#chunkBytes
    return this.#again(method, outcome)
  }

  /** The server has forgotten the upload: once that may happen. */
  #startOver(method: string, outcome: CallOutcome): undefined {
    if (!this.#mayStartOver) throw finalError(method, outcome, this.#parts.requests)
    this.#mayStartOver = false
    this.#url = undefined
    this.#offset = undefined
    this.#expiresAt = undefined
    this.#mostBytes = 0
    this.#misses = 0
  }

  /** Waits before the server is asked how far it got, unless nothing has moved for too long. */
  async #again(method: string, outcome: CallOutcome): Promise<undefined> {
    const { options, endsAt, runtime } = this.#parts
    const { clock } = runtime
    const { attempts, baseMs, capMs } = options.resume
    this.#offset = undefined
    this.#misses++
    const leftMs = endsAt - clock.now()
    const leastMs = floorMs(outcome, clock.date())
    const waitMs = leastMs + fullJitterMs(this.#misses, baseMs, capMs, Math.max(0, leftMs - leastMs), runtime.random)
    const tooLong = leftMs === Number.POSITIVE_INFINITY ? leastMs > MOST_WAIT_MS : leastMs >= leftMs
    if (this.#misses >= attempts || tooLong) throw this.#gaveUp(method, outcome)
    await pause(clock, waitMs, this.#signal)
    if (this.#signal.aborted) throw this.#signal.reason
  }

  #gaveUp(method: string, outcome: CallOutcome): Error {
    const tries = `${this.#misses} ${this.#misses === 1 ? "try" : "tries"}`
    return finalError(method, outcome, this.#parts.requests, `${this.#stopped}, after ${tries} without progress; resume it later`) // prettier-ignore
  }

  /** The deadline came between two requests. */
  #expired(limit: Failure): TimeoutError {
    const { requests, runtime } = this.#parts
    const record = new CallRecord("POST", requests.address, runtime.clock.date())
    return new TimeoutError(`POST ${record.url} → no reply: ${limit.message} (${this.#stopped}; resume it later)`, record, limit) // prettier-ignore
  }

  get #stopped(): string {
    return `the upload stopped at byte ${this.#mostBytes} of ${this.#parts.source.size}`
  }

  #arrived(offset: number): void {
    this.#offset = offset
    if (offset > this.#mostBytes) {
      this.#mostBytes = offset
      this.#misses = 0
    }
    this.#tell(offset)
  }

  #tell(sentBytes: number): void {
    const progress: UploadProgress = {
      transferredBytes: this.#mostBytes,
      totalBytes: this.#parts.source.size,
      sentBytes: Math.max(sentBytes, this.#mostBytes),
      expiresAt: this.#expiresAt,
    }
    this.#parts.options.onProgress?.(progress)
  }

  #readExpiry({ headers }: Success): void {
    const date = parseHttpDate(headers.get("upload-expires") ?? "", this.#parts.runtime.clock.date())
    if (date !== undefined) this.#expiresAt = new Date(date)
  }
}

function offsetNot(range: string): string {
  return `no Upload-Offset ${range}; ${EXPOSED}`
}
