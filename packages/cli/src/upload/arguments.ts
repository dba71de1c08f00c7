import { basename } from "node:path"
import { readArguments } from "../command.ts"
import { parseCount } from "../numbers.ts"
import { parsePair } from "../parse.ts"
import { parseRequest } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { checkedUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"
import { uploadOptions } from "./options.ts"

export type UploadTask = ReturnType<typeof parseUpload>

/** The checked arguments of `steadfetch upload`. @throws UsageError naming the option and the fix. */
export function parseUpload(args: readonly string[], env: Surroundings["env"]) {
  const { values, positionals } = readArguments("upload", uploadOptions, args)
  const { file, url } = parsePlaces(positionals)
  if (values["resume-file"] !== undefined && values["no-resume"] === true)
    throw new UsageError("--resume-file and --no-resume contradict each other; give one")
  const request = parseRequest(values, env)
  const chunkBytes = values["chunk-bytes"]
  const given = (values.metadata ?? []).map((text) => parsePair("--metadata", text))
  return {
    file,
    url,
    resumeFile: values["no-resume"] === true ? undefined : (values["resume-file"] ?? `${file}.upload.json`),
    chunkBytes: chunkBytes === undefined ? undefined : parseCount("--chunk-bytes", chunkBytes, 1),
    metadata: { filename: basename(file), ...Object.fromEntries(given) },
    ...request,
  }
}

function parsePlaces([file, url, ...more]: readonly string[]): { readonly file: string; readonly url: string } {
  const usage = "write steadfetch upload FILE URL"
  if (file === undefined) throw new UsageError(`the file is missing; ${usage}`)
  if (file === "-")
    throw new UsageError("an upload that can go on needs a file; send a pipe with steadfetch call POST URL --data -")
  if (/^https?:\/\//i.test(file))
    throw new UsageError(
      url === undefined
        ? `the file is missing; ${usage}`
        : `the file stands before the URL: steadfetch upload ${url} ${file}`,
    )
  if (url === undefined) throw new UsageError(`the URL is missing; write steadfetch upload ${file} https://…`)
  if (more.length > 0)
    throw new UsageError(`${JSON.stringify(more[0])} is one argument too many; ${usage}, and quote what holds spaces`)
  return { file, url: checkedUrl(url) }
}
