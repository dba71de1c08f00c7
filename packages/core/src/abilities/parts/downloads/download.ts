import { fullJitterMs } from "../../../algorithms/backoff.ts"
import { Headway } from "../../../algorithms/headway.ts"
import type { CallContext } from "../../../call.ts"
import type { CallOutcome, Replied } from "../../../call-outcome.ts"
import { CallRecord } from "../../../call-record.ts"
import { ABORTED, Cancellation, pause, untilAborted } from "../../../cancellation.ts"
import { NoReplyError, TimeoutError } from "../../../errors.ts"
import { headerList, mergeHeaders } from "../../../headers.ts"
import { failure, isFailure, type Failure } from "../../../outcome.ts"
import type { TransferProgress } from "../../../progress.ts"
import { checkSignal } from "../../../validation.ts"
import { expireAfter } from "../expiry.ts"
import * as errors from "./download-errors.ts"
import { targetOf, type DownloadTarget } from "./download-target.ts"
import type { Downloaded, DownloadPlan } from "./downloaded.ts"
import { partFields, type Asked } from "./part-request.ts"
import { readPartReply } from "./part-reply.ts"
import type { Representation } from "./representation.ts"
import { RunningDigests } from "./running-digests.ts"

const PROGRESS_EVERY_MS = 100

/** One download, from its first request to its end. */
export class Download {
  readonly #context: CallContext
  readonly #target: DownloadTarget
  readonly #plan: DownloadPlan
  readonly #record: CallRecord
  readonly #ending: Cancellation
  #representation: Representation | undefined
  #digests: RunningDigests
  /** Bytes at the target. */
  #at = 0
  #resumedBytes = 0
  #parts = 0
  /** What bounds it. */
  readonly #headway = new Headway()
  /** Whether to ask for the whole next, as what is there cannot be gone on from. */
  #startsOver = false
  #isWrong = false
  #toldAt = Number.NEGATIVE_INFINITY

  /** @throws ConfigurationError for what cannot be asked for or written to; a stream is left free then. */
  constructor(context: CallContext, target: WritableStream<Uint8Array> | DownloadTarget, plan: DownloadPlan) {
    this.#context = context
    this.#plan = plan
    this.#record = new CallRecord("GET", context.address(), context.runtime.clock.date())
    this.#digests = new RunningDigests(plan.hashes)
    checkSignal(context.options.signal)
    this.#target = targetOf(target)
    this.#ending = new Cancellation(context.options.signal)
  }

  async run(): Promise<Downloaded> {
    const callOff = expireAfter(this.#plan.deadlineMs, "download", this.#ending, this.#context.runtime.clock)
    try {
      await this.#recall()
      for (;;) {
        const last = await this.#part()
        if (last !== undefined) return await this.#complete(last)
      }
    } catch (error) {
      const isCutOff = this.#ending.aborted
      // A body under way ends with it.
      this.#ending.cancel(error)
      const abandoned = this.#abandon(error)
      // A target may be busy for ever, and an abort is at once.
      if (!isCutOff) await abandoned
      throw error
    } finally {
      callOff()
      this.#ending.release()
    }
  }

  /** What the target says of it changes nothing. */
  async #abandon(error: unknown): Promise<void> {
    // While it has not looked at what is there, it has nothing against it.
    const isUnresumable = this.#representation !== undefined && this.#representation.validator === undefined
    const mayResume = !this.#isWrong && !isUnresumable
    try {
      await this.#target.abandon(error, mayResume)
    } catch {}
  }

  /** Goes on from what an earlier download left. */
  async #recall(): Promise<void> {
    const kept = await this.#orEnd(this.#target.kept?.())
    if (kept === undefined) return
    this.#hold(kept.representation)
    this.#at = this.#resumedBytes = kept.lengthBytes
    this.#headway.end(this.#at)
    if (this.#digests.isIdle) return
    const pieces = kept.read()[Symbol.asyncIterator]()
    try {
      for (;;) {
        const { done, value } = await this.#orEnd(pieces.next())
        if (done === true) return
        this.#digests.update(value)
      }
    } finally {
      pieces.return?.().catch(() => {})
    }
  }

  /** One request and its bytes. Gives the reply when it was the last one. */
  async #part(): Promise<Replied | undefined> {
    const asked = this.#asked()
    this.#headway.begin(this.#at)
    const outcome = await this.#orEnd(this.#request(asked))
    this.#parts++
    this.#record.attempts.push(...outcome.attempts)
    if (outcome.kind === "no-reply") throw outcome.error
    const { status, headers } = outcome
    const reply = readPartReply(asked, status, headers, this.#context.runtime.clock.date())
    const brings = reply?.kind === "whole" || reply?.kind === "part"
    if (brings && outcome.kind !== "success") throw outcome.error
    if (!brings && outcome.kind === "success") letGo(outcome)
    if (reply === undefined)
      throw outcome.kind === "success"
        ? errors.unusable(this.#record, `${status} ${outcome.statusName} is no download`)
        : outcome.error
    if (reply.kind === "unusable") throw errors.unusable(this.#record, reply.why)
    if (reply.kind === "start-over") return this.#startOver(reply.why)
    if (asked.at === 0 || reply.kind === "whole") await this.#begin(reply.representation, outcome)
    else this.#representation = reply.representation
    if (reply.kind === "complete") return outcome
    const { totalBytes } = reply.representation
    const endsAt = reply.kind === "part" ? reply.endsAt : totalBytes
    const trouble = await this.#take(outcome.stream(), endsAt)
    if (typeof trouble === "string") return this.#startOver(trouble)
    if (trouble !== undefined) return this.#waitForNext(trouble)
    if (reply.kind === "whole" || this.#at === totalBytes) return outcome
    // Servers may send less than they were asked for: that is progress, and no fault.
    this.#headway.end(this.#at)
    return undefined
  }

  #asked(): Asked {
    if (this.#at > 0 && !this.#startsOver) {
      if (this.#representation?.validator !== undefined)
        return { at: this.#at, representation: this.#representation, isRange: true }
      this.#checkRestart("no strong validator proves that more bytes would belong to those that are there")
    }
    const isPage = this.#context.runtime.pageOrigin !== undefined
    // Accept-Encoding is not a page's to set. Browsers ask for the bytes as they are where a range is asked for.
    return { at: 0, representation: undefined, isRange: isPage && !this.#startsOver }
  }

  #request(asked: Asked): Promise<CallOutcome> {
    const { url, options, runtime } = this.#context
    const headers = mergeHeaders(
      headerList(options.headers),
      partFields(asked, this.#record.url, this.#plan.hashes, runtime.pageOrigin),
    )
    // A streamed call reads what it is to explain, and no more than that.
    return this.#context
      .request("GET", url, { ...options, headers, signal: this.#ending })
      .outcome({ reading: "stream" })
  }

  async #begin(representation: Representation, reply: Replied): Promise<void> {
    try {
      if (this.#at > 0) {
        this.#checkRestart("the server sent the whole again")
        if (this.#startsOver) this.#headway.begin(0)
        else this.#headway.lose()
      }
      this.#at = this.#resumedBytes = 0
      this.#startsOver = false
      this.#hold(representation)
      await this.#orEnd(this.#target.begin(representation, reply))
    } catch (error) {
      letGo(reply)
      throw error
    }
  }

  #hold(representation: Representation): void {
    this.#representation = representation
    this.#digests = new RunningDigests(this.#plan.hashes, this.#plan.digest, representation.digests)
  }

  /** Writes a body to the target. Gives what kept it from being whole; undefined when it was. */
  async #take(body: ReadableStream<Uint8Array>, endsAt: number | undefined): Promise<Failure | string | undefined> {
    const reader = body.getReader()
    this.#tell()
    try {
      for (;;) {
        const piece = await this.#piece(reader)
        if ("kind" in piece) return piece
        if (piece.done) return this.#at === (endsAt ?? this.#at) ? undefined : failure("broken-body", "the body ended")
        const length = piece.value.byteLength
        if (this.#at + length > (endsAt ?? Number.POSITIVE_INFINITY))
          return `more came than the ${endsAt} bytes announced`
        // Before it is handed over: a target may keep the memory for itself.
        this.#digests.update(piece.value)
        await this.#orEnd(this.#target.write(piece.value))
        this.#at += length
        this.#tell()
      }
    } finally {
      reader.cancel().catch(() => {})
    }
  }

  /** The next piece, or how the body broke off. */
  async #piece(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<ReadableStreamReadResult<Uint8Array> | Failure> {
    try {
      return await this.#orEnd(reader.read())
    } catch (error) {
      if (this.#ending.aborted || !NoReplyError.is(error)) throw error
      const limit = TimeoutError.is(error) ? error.limit : undefined
      return failure(error.code, limit === undefined ? "the body broke off" : "the body stalled", error, { limit })
    }
  }

  #startOver(why: string): Promise<undefined> {
    if (this.#at > 0) this.#checkRestart(why)
    this.#startsOver = true
    return this.#waitForNext(why)
  }

  async #waitForNext(trouble: Failure | string): Promise<undefined> {
    const { attempts, baseMs, capMs } = this.#plan.resume
    const { clock, random } = this.#context.runtime
    this.#headway.end(this.#at)
    const { idleTries } = this.#headway
    if (idleTries >= attempts) throw errors.gaveUp(this.#record, trouble, this.#progress, attempts)
    const waitMs = fullJitterMs(idleTries + 1, baseMs, capMs, Number.POSITIVE_INFINITY, random)
    // After an abort the next request is none.
    await pause(clock, waitMs, this.#ending)
    return undefined
  }

  async #complete(last: Replied): Promise<Downloaded> {
    const { verified, wrong } = this.#digests.verdict()
    if (wrong !== undefined) {
      this.#isWrong = true
      throw errors.unusable(this.#record, `the bytes that arrived are not the right ones: ${wrong}; they are given up`)
    }
    this.#tell(true)
    await this.#orEnd(this.#target.complete())
    const { status, url, headers } = last
    return {
      totalBytes: this.#at,
      resumedBytes: this.#resumedBytes,
      parts: this.#parts,
      validator: this.#representation?.validator,
      verifiedDigests: verified,
      status,
      url,
      headers,
      attempts: this.#record.attempts,
    }
  }

  #tell(isLast = false): void {
    const now = this.#context.runtime.clock.now()
    if (now - this.#toldAt < PROGRESS_EVERY_MS && !isLast) return
    this.#toldAt = now
    const { transferredBytes, totalBytes } = this.#progress
    this.#plan.onProgress?.({ transferredBytes, totalBytes: isLast ? transferredBytes : totalBytes })
  }

  get #progress(): TransferProgress {
    return { transferredBytes: this.#at, totalBytes: this.#representation?.totalBytes }
  }

  #checkRestart(why: string): void {
    if (this.#target.isOneShot === true) throw errors.cannotStartOver(this.#record, why, this.#at)
  }

  /** The value of work under way, or the end of the download as soon as that comes. */
  async #orEnd<T>(work: T | Promise<T>): Promise<T> {
    const value = await untilAborted(Promise.resolve(work), this.#ending)
    if (value === ABORTED) throw this.#endReason()
    return value
  }

  #endReason(): unknown {
    const { reason } = this.#ending
    return isFailure(reason) ? errors.expired(this.#record, reason, this.#progress) : reason
  }
}

/** Gives up a body that nobody will read. */
function letGo(reply: Replied): void {
  reply.stream().cancel().catch(() => {}) // prettier-ignore
}
