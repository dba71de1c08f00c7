import { DIGEST_ALGORITHMS, base64Digest, type Digests } from "../algorithms/digest-fields.ts"
import type { Call } from "../call.ts"
import { headerList, headerValue } from "../headers.ts"
import type { TransferProgress } from "../progress.ts"
import { ConfigurationError } from "../steadfetch-error.ts"
import { checkFunction, duration, kindOf, knownOptions, refuse, shown } from "../validation.ts"
import type { DownloadTarget } from "./parts/downloads/download-target.ts"
import { Download } from "./parts/downloads/download.ts"
import type { Downloaded, DownloadPlan } from "./parts/downloads/downloaded.ts"
import { resumePlan, type ResumeOptions } from "./parts/resume-options.ts"
import type { Hashes } from "./parts/downloads/running-digests.ts"

/** Options of `download()`. */
export interface DownloadOptions {
  /** Told at the beginning, at most ten times a second while bytes arrive, and at the end. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  /** What the bytes must hash to, in hexadecimal or base64: `{ "sha-256": "9f86d0…" }`. Needs `hashes`. */
  readonly digest?: Digests | undefined
  /**
   * What computes digests while the bytes pass, since the web platform hashes whole messages only. Those that the server
   * names (Repr-Digest, RFC 9530) are then asked for and checked, too. `@steadfetch/node` brings its own.
   */
  readonly hashes?: Hashes | undefined
  /** How it goes on after a break. */
  readonly resume?: ResumeOptions | undefined
  /** Milliseconds until all of it must have arrived; false for no limit. Default false. */
  readonly deadline?: number | false | undefined
}

const DOWNLOAD_OPTIONS: readonly string[] = ["onProgress", "digest", "hashes", "resume", "deadline"]

/** Gives calls `download()`. */
export const downloads = {
  /**
   * Brings the body of a GET to a target in constant memory, and goes on where it stopped when the connection breaks:
   * with Range and If-Range (RFC 9110 §13.1.5, §14.2), as long as a strong validator proves that the bytes are of one
   * representation; else it starts over. The target gets all of exactly one representation, or the download fails.
   * Each request is a call of its own: the client's retries, deadline and credentials hold for each.
   * @param target A WritableStream, which is closed or aborted at the end; or a target that can be started over.
   * @throws ConfigurationError before anything is sent; StatusError, NoReplyError as any call does; BodyError for a digest
   * that is wrong and replies that cannot be used; the reason of the signal; what the target throws.
   */
  async download(
    this: Call,
    target: WritableStream<Uint8Array> | DownloadTarget,
    options: DownloadOptions = {},
  ): Promise<Downloaded> {
    const { context } = this
    const plan = planOf(options)
    if (context.method !== "GET") refuse("download", `a ${context.method} request`, "a GET, which alone has ranges")
    const own = headerList(context.options.headers)
    const taken = ["range", "if-range"].find((name) => headerValue(own, name) !== undefined)
    if (taken !== undefined) throw new ConfigurationError(`download: header "${taken}" is set by itself; leave it out`)
    return new Download(context, target, plan).run()
  },
}

function planOf(options: DownloadOptions): DownloadPlan {
  knownOptions("download", options, DOWNLOAD_OPTIONS)
  const { onProgress, digest = {}, hashes = {}, resume = {}, deadline = false } = options
  checkFunction("onProgress", onProgress)
  knownOptions("hashes", hashes, DIGEST_ALGORITHMS)
  for (const algorithm of DIGEST_ALGORITHMS) checkFunction(`hashes: "${algorithm}"`, hashes[algorithm])
  return {
    onProgress,
    hashes,
    digest: checkedDigests(digest, hashes),
    resume: resumePlan(resume, 5),
    deadlineMs: duration("deadline", deadline),
  }
}

function checkedDigests(given: Digests, hashes: Hashes): Digests {
  knownOptions("digest", given, DIGEST_ALGORITHMS)
  const digests = DIGEST_ALGORITHMS.flatMap((algorithm) => {
    const text = given[algorithm]
    if (text === undefined) return []
    if (hashes[algorithm] === undefined)
      refuse(`digest: nothing computes ${algorithm}`, kindOf(hashes[algorithm]), `hashes: { "${algorithm}": … }, or use @steadfetch/node`) // prettier-ignore
    const digest = typeof text === "string" ? base64Digest(algorithm, text) : undefined
    return [
      [algorithm, digest ?? refuse(`digest: "${algorithm}"`, shown(text), "it in hexadecimal or base64")] as const,
    ]
  })
  return Object.fromEntries(digests)
}
