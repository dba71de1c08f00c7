import { relative } from "node:path"
import { steadfetch, type FileDownloaded } from "@steadfetch/node"
import type { Command } from "../command.ts"
import { oneLine } from "../paint.ts"
import { formatBytes } from "../progress/bar.ts"
import { transferring } from "../progress/transferring.ts"
import { clientOptions } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { shownUrl } from "../target-url.ts"
import { parseDownload, type DownloadTask } from "./arguments.ts"
import { keptPart } from "./kept-part.ts"
import { downloadOptions } from "./options.ts"

export const downloadCommand: Command = {
  name: "download",
  summary:
    "Downloads to a file, and goes on where it stopped: when the connection breaks by itself, and after Ctrl-C or a crash when the same command is run again.",
  usage: "URL [FILE] [OPTIONS]",
  options: downloadOptions,
  examples: [
    ["to a file of the server's name", "steadfetch download https://example.com/releases/2.1/app.tar.gz"],
    ["to a file, or into a folder", "steadfetch download https://example.com/exports/2026.csv exports/"],
    [
      "checked against a published digest",
      "steadfetch download https://example.com/app.tar.gz --digest sha-256=9f86d081884c7d65…",
    ],
    ["for a script", 'file=$(steadfetch download "$url" --quiet) && tar xf "$file"'],
  ],
  notes: [
    "Without FILE, or with a folder, the file gets the name in Content-Disposition, else the last segment of the URL. Its path goes to standard output, all else to standard error.",
    "What has arrived is in FILE.part until the file is whole. A file that is there is replaced with --overwrite alone.",
    "Exit codes: 0 success, 4 client error, 5 server error, 7 no reply, or too many that brought nothing, 1 what came cannot be kept (a wrong digest, a file that is there, a full disk), 2 bad usage, 130 interrupted.",
  ],
  run: (args, surroundings) => download(parseDownload(args, surroundings.env), surroundings),
}

function download(task: DownloadTask, surroundings: Surroundings): Promise<number> {
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
