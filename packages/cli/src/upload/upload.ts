import { access, constants, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { steadfetch, type UploadProgress } from "@steadfetch/node"
import { oneLine } from "../paint.ts"
import { formatBytes } from "../progress/bar.ts"
import { transferring } from "../progress/transferring.ts"
import { clientOptions } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { shownUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"
import type { UploadTask } from "./arguments.ts"

/** Uploads, shows how far it has come, and tells how it ended. Resolves to the exit code. */
export async function upload(task: UploadTask, surroundings: Surroundings): Promise<number> {
  const { url, file, resumeFile, chunkBytes, metadata, deadline, timeout, headers, query } = task
  await checkFile(file)
  if (resumeFile !== undefined) await checkResumeFile(resumeFile)
  /** What the server has, as it said last. */
  let stored: number | undefined
  return transferring(task, surroundings, {
    from: oneLine(file),
    to: shownUrl(url),
    // It asks how far the server got before it goes on.
    isResumption: (method) => method === "HEAD",
    async run({ on, note, signal }) {
      const client = steadfetch({ ...clientOptions(task, url), on })
      const onProgress = (progress: UploadProgress): void => {
        stored = progress.transferredBytes
        note(progress)
      }
      try {
        const uploading = client.post(url, {
          headers,
          query,
          signal,
          deadline,
          retry: task.retry,
          // A large file takes its time; what must not last is silence.
          timeout: typeof timeout === "object" ? { stallMs: timeout.stallMs } : timeout,
        })
        const done = await uploading.uploadFile(file, { resumeFile, chunkBytes, metadata, onProgress })
        return { result: done.url, remark: "" }
      } finally {
        await client.close()
      }
    },
    advice: async () =>
      stored !== undefined && resumeFile !== undefined && (await exists(resumeFile))
        ? `the server has ${formatBytes(stored)}; the same command goes on from there (${oneLine(resumeFile)})`
        : undefined,
  })
}

/** @throws UsageError for what cannot be read as a file. */
async function checkFile(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK)
    if ((await stat(file)).isFile()) return
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`
    throw new UsageError(`the file ${JSON.stringify(file)} ${reason}; a path is taken from the current folder`)
  }
  throw new UsageError(`${JSON.stringify(file)} is no regular file; give the path of one`)
}

/** @throws UsageError where the upload's URL could not be kept. */
async function checkResumeFile(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK)
  } catch {
    throw new UsageError(
      `${JSON.stringify(file)} cannot be written, so the upload could not go on later; give --resume-file FILE in another folder, or --no-resume`,
    )
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
