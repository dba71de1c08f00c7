import { access, constants, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { steadfetch, type UploadProgress } from "@steadfetch/node"
import type { Command } from "../command.ts"
import { oneLine } from "../paint.ts"
import { formatBytes } from "../progress/bar.ts"
import { transferring } from "../progress/transferring.ts"
import { clientOptions } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { shownUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"
import { parseUpload, type UploadTask } from "./arguments.ts"
import { uploadOptions } from "./options.ts"

export const uploadCommand: Command = {
  name: "upload",
  summary:
    "Uploads a file to a server that speaks tus 1.0.0, and goes on where it stopped: when the connection breaks by itself, and after Ctrl-C or a crash when the same command is run again.",
  usage: "FILE URL [OPTIONS]",
  options: uploadOptions,
  examples: [
    ["the URL is the one that creates uploads", "steadfetch upload video.mp4 https://tus.example.com/files"],
    [
      "with what the server wants to know of it",
      "steadfetch upload video.mp4 https://tus.example.com/files --metadata filetype=video/mp4",
    ],
    [
      "behind a proxy that takes 50 MB at most",
      "steadfetch upload video.mp4 https://tus.example.com/files --chunk-bytes 50000000",
    ],
    ["for a script", 'url=$(steadfetch upload "$file" "$endpoint" --bearer-env TOKEN --quiet)'],
  ],
  notes: [
    "The URL of the complete upload goes to standard output, all else to standard error. Until it is complete, its URL is kept in FILE.upload.json, which its owner alone can read.",
    "Exit codes: 0 success, 4 client error, 5 server error, 7 no reply, 1 the server does not speak tus, or the file changed meanwhile, 2 bad usage, 130 interrupted.",
  ],
  run: (args, surroundings) => upload(parseUpload(args, surroundings.env), surroundings),
}

async function upload(task: UploadTask, surroundings: Surroundings): Promise<number> {
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
