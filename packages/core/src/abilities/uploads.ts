import type { Call } from "../call.ts"
import { Cancellation } from "../cancellation.ts"
import { ConfigurationError } from "../steadfetch-error.ts"
import { checkFunction, checkSignal, duration, knownOptions, refuse, shown, whole } from "../validation.ts"
import { expireAfter } from "./parts/expiry.ts"
import { resumePlan } from "./parts/resume-options.ts"
import { checkChecksum, metadataField, metadataOf, type UploadChecksum } from "./parts/uploads/upload-fields.ts"
import type { Uploaded, UploadOptions, UploadPlan } from "./parts/uploads/upload-options.ts"
import { isDone, UploadRequests } from "./parts/uploads/upload-requests.ts"
import { UploadRun } from "./parts/uploads/upload-run.ts"
import { uploadSource, type UploadInput } from "./parts/uploads/upload-source.ts"
import { finalError } from "./parts/uploads/upload-verdict.ts"

const OPTION_NAMES: readonly (keyof UploadOptions)[] = [
  "metadata", "chunkBytes", "checksum", "uploadUrl", "startOver", "onCreated", "onProgress", "resume", "deadline",
] // prettier-ignore

/** A chunk that is in memory for its checksum. */
const CHECKED_BYTES = 8 * 1024 * 1024

/** Uploads that go on where they were cut off, by the tus protocol. */
export const uploads = {
  /**
   * Uploads to a server that speaks tus 1.0.0 (https://tus.io/protocols/resumable-upload); the call is the POST that
   * creates uploads: `api.post("/files").upload(file)`. A connection that breaks costs what was under way at that moment:
   * the server is asked (HEAD) what it has, and the rest is sent (PATCH). A 4xx ends it with the server's message, except
   * those that have another place or time to go on. It gives up when `resume.attempts` tries in a row (10 by default) have
   * brought no byte further, with waits that grow as those of retries do, and can be resumed then.
   *
   * The call's `signal` ends it at once with its reason; its `timeout.stallMs` is for how long the connection may take
   * nothing (default 60,000); its headers go along to the same origin alone.
   * @throws ConfigurationError for options that cannot work, and a stream, which cannot be read again; StatusError;
   * NoReplyError; CallError for replies that are not tus; what the source throws; the reason of the signal.
   */
  async upload(this: Call, source: UploadInput, options: UploadOptions = {}): Promise<Uploaded> {
    const plan = planOf(options)
    const { options: call, runtime } = this.context
    const { clock } = runtime
    const metadata = metadataField(options.metadata ?? metadataOf(source))
    const content = uploadSource(source)
    checkSignal(call.signal)
    const signal = new Cancellation(call.signal)
    const callOff = expireAfter(plan.deadlineMs, "upload", signal, clock)
    try {
      const requests = new UploadRequests(this, signal)
      const endsAt = clock.now() + plan.deadlineMs
      const run = new UploadRun({ requests, source: content, metadata, options: plan, call, signal, endsAt, runtime })
      if (options.checksum !== undefined) await discoverChecksum(requests, options.checksum)
      return await run.run()
    } finally {
      callOff()
      signal.release()
    }
  },

  /**
   * Gives an upload up for good, so that the server can free its space (tus 1.0.0, Termination). The call is the one that
   * creates uploads: `api.post("/files").terminateUpload(url)`. An upload that is gone already (404, 410) is no error.
   * @throws As `upload` does.
   */
  async terminateUpload(this: Call, url: string | URL): Promise<void> {
    const requests = new UploadRequests(this)
    const invalid = (why: string): Error => new ConfigurationError(`terminateUpload: ${why}; give the upload's URL`)
    const outcome = await requests.terminate(requests.uploadUrl(String(url), requests.address, invalid))
    const isGone = outcome.kind === "client-error" && [404, 410].includes(outcome.status)
    if (!isDone(outcome) && !isGone) throw finalError("DELETE", outcome, requests)
  },
}

function planOf(options: UploadOptions): UploadPlan {
  knownOptions("upload", options, OPTION_NAMES)
  const { chunkBytes, checksum, startOver, onCreated, onProgress, resume = {}, deadline = false } = options
  if (chunkBytes !== undefined) whole("chunkBytes", chunkBytes, 1)
  checkChecksum(checksum)
  if (startOver !== undefined && typeof startOver !== "boolean") refuse("startOver", shown(startOver), "true or false")
  checkFunction("onCreated", onCreated)
  checkFunction("onProgress", onProgress)
  return {
    ...options,
    chunkBytes: chunkBytes ?? (checksum === undefined ? undefined : CHECKED_BYTES),
    resume: resumePlan(resume, 10),
    deadlineMs: duration("deadline", deadline),
  }
}

/** A server that does not check checksums ignores them, and nobody would notice. */
async function discoverChecksum(requests: UploadRequests, checksum: UploadChecksum): Promise<void> {
  const outcome = await requests.discover()
  if (!isDone(outcome)) throw finalError("OPTIONS", outcome, requests)
  const listed = (name: string): string[] => (outcome.headers.get(name) ?? "").split(",").map((item) => item.trim())
  if (listed("tus-extension").includes("checksum") && listed("tus-checksum-algorithm").includes(checksum)) return
  throw requests.unexpected("OPTIONS", outcome, `the server checks no ${checksum} checksums; leave "checksum" out`)
}
