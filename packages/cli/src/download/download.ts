import { relative } from "node:path"
import { steadfetch, type FileDownloaded } from "@steadfetch/node"
import { oneLine } from "../paint.ts"
import { formatBytes } from "../progress/bar.ts"
import { transferring } from "../progress/transferring.ts"
import { clientOptions } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { shownUrl } from "../target-url.ts"
import type { DownloadTask } from "./arguments.ts"
import { keptPart } from "./kept-part.ts"

/** Downloads, shows how far it has come, and tells how it ended. Resolves to the exit code. */
export function download(task: DownloadTask, surroundings: Surroundings): Promise<number> {
  const { url, file, digest, overwrite, deadline, headers, query } = task
  return transferring(task, surroundings, {
    from: shownUrl(url),
    to: oneLine(file),
    isResumption: () => true,
    async run({ on, note, signal }) {
      const client = steadfetch({ ...clientOptions(task, url), on })
      try {
        const options = { digest, overwrite, deadline, onProgress: note }
        const done = await client.get(url, { headers, query, signal }).download(file, options)
        return { result: relative(process.cwd(), done.path) || done.path, remark: remarkOn(done) }
      } finally {
        await client.close()
      }
    },
    async advice() {
      const part = await keptPart(file)
      if (part === undefined) return undefined
      return `${formatBytes(part.bytes)} is in ${oneLine(part.path)}; the same command goes on from there`
    },
    // The library's words for its callers.
    worded: (message) => message.replace(/give overwrite: true$/, "give --overwrite"),
  })
}

function remarkOn({ resumedBytes, verifiedDigests }: FileDownloaded): string {
  return [
    ...(resumedBytes === 0 ? [] : [`${formatBytes(resumedBytes)} of it from before`]),
    ...verifiedDigests.map((algorithm) => `${algorithm} verified`),
  ].join(", ")
}
