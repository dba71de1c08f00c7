import { sentMethod } from "../call/request.ts"
import { readArguments } from "../command.ts"
import { parseCount } from "../numbers.ts"
import { parseRequest } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { checkedUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"
import { replayOptions } from "./options.ts"
import { urlGlob } from "./url-glob.ts"

export type ReplayTask = ReturnType<typeof parseReplay>

/** The checked arguments of `steadfetch replay`. @throws UsageError naming the option and the fix. */
export function parseReplay(args: readonly string[], env: Surroundings["env"]) {
  const { values, positionals } = readArguments("replay", replayOptions, args)
  const [file, ...more] = positionals
  if (file === undefined)
    throw new UsageError("the recording is missing; write steadfetch replay FILE.har, or - for standard input")
  if (more.length > 0)
    throw new UsageError(`${JSON.stringify(more[0])} is one file too many; write steadfetch replay FILE.har`)
  const withCredentials = values["with-credentials"] ?? false
  if (withCredentials && values.to !== undefined)
    throw new UsageError(
      "--with-credentials sends credentials to where they were recorded, and --to sends elsewhere; give others with --bearer-env NAME",
    )
  const speed = values.speed === undefined ? 1 : parseSpeed(values.speed)
  const isPaced = values["as-recorded"] === true || values.speed !== undefined
  return {
    file,
    list: values.list ?? false,
    json: values.json ?? false,
    methods: (values.method ?? []).map(sentMethod),
    urls: (values.url ?? []).map(urlGlob),
    statuses: (values.status ?? []).map(parseStatus),
    unsafe: values.unsafe ?? false,
    to: values.to === undefined ? undefined : parseOrigin(values.to),
    withCredentials,
    concurrency: parseCount("--concurrency", values.concurrency ?? (isPaced ? "100" : "6"), 1, 10_000),
    /** How many times as fast as recorded; undefined for as fast as there is room. */
    speed: isPaced ? speed : undefined,
    ...parseRequest(values, env),
  }
}

function parseOrigin(text: string): string {
  const { origin, pathname, search, hash } = new URL(checkedUrl(text, "give credentials with --bearer-env NAME"))
  if (pathname === "/" && search === "" && hash === "") return origin
  throw new UsageError(`--to is more than an origin; write --to ${origin}: the calls keep their paths`)
}

function parseSpeed(text: string): number {
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (speed > 0) return speed
  throw new UsageError(`--speed is ${JSON.stringify(text)}; give a number above 0, such as 2 or 0.5`)
}

/** Whether a recorded status is one that is meant; undefined stands for no reply. */
function parseStatus(text: string): (status: number | undefined) => boolean {
  if (text === "none") return (status) => status === undefined
  if (text === "failed") return (status) => status === undefined || status >= 400
  if (/^[1-5]xx$/i.test(text))
    return (status) => String(status).startsWith(text.charAt(0)) && String(status).length === 3
  if (/^[1-5]\d\d$/.test(text)) return (status) => status === Number(text)
  throw new UsageError(`--status is ${JSON.stringify(text)}; write 404, 5xx, none or failed`)
}
