import { readArguments } from "../command.ts"
import { parseChoice, parsePair } from "../parse.ts"
import { parseRequest } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { checkedUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"
import { downloadOptions } from "./options.ts"

export type DownloadTask = ReturnType<typeof parseDownload>

/** The checked arguments of `steadfetch download`. @throws UsageError naming the option and the fix. */
export function parseDownload(args: readonly string[], env: Surroundings["env"]) {
  const { values, positionals } = readArguments("download", downloadOptions, args)
  const [url, file = ".", ...more] = positionals
  if (url === undefined) throw new UsageError("the URL is missing; write steadfetch download URL [FILE]")
  if (more.length > 0)
    throw new UsageError(
      `${JSON.stringify(more[0])} is one argument too many; write steadfetch download URL [FILE], and quote what holds spaces`,
    )
  if (file === "-")
    throw new UsageError("a download goes to a file, from which it can go on; write steadfetch call URL > FILE")
  const request = parseRequest(values, env)
  return {
    url: checkedUrl(url),
    file,
    digest: Object.fromEntries((values.digest ?? []).map(parseDigest)),
    overwrite: values.overwrite ?? false,
    ...request,
  }
}

function parseDigest(text: string): [algorithm: string, digest: string] {
  const [algorithm, digest] = parsePair("--digest", text)
  return [parseChoice("--digest", algorithm, ["sha-256", "sha-512"]), digest]
}
