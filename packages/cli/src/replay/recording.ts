import { sentMethod } from "../call/request.ts"
import { HarValue } from "./har-value.ts"

/** A body as it was recorded. */
export interface RecordedBody {
  readonly mimeType: string
  readonly text: string
  /** "base64", or "" for text. */
  readonly encoding: string
  readonly params: readonly RecordedParam[]
}

/** A field of a form. */
interface RecordedParam {
  readonly name: string
  /** Undefined where it was not recorded. */
  readonly value: string | undefined
  readonly fileName: string
  readonly contentType: string
}

/** A call as it was recorded: what is needed to make it again, and to compare. */
export interface RecordedCall {
  /** Its place in `log.entries`, from 0. */
  readonly entry: number
  /** Milliseconds since 1970-01-01 UTC. */
  readonly startedAt: number
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: RecordedBody | undefined
  /** Bytes of the body that was sent; undefined where nobody knows. */
  readonly bodyBytes: number | undefined
  /** Undefined without a reply. */
  readonly status: number | undefined
  readonly durationMs: number | undefined
  /** The media type of the reply. */
  readonly replyType: string
  /** In an export of `steadfetch watch`: the call that it is an attempt of. */
  readonly attemptOf: string | undefined
  /** In the same: the URL was too long to be kept whole. */
  readonly urlIsCut: boolean
}

/** The calls of a HAR 1.2 (or older), in the order of its entries. @throws UsageError naming the entry and the field. */
export function recordedCalls(har: unknown): RecordedCall[] {
  const fix = '; give a HAR, which is {"log": {"entries": […]}}'
  const log = new HarValue(har).get("log").required(fix)
  const version = log.get("version").textOrNone()
  if (version !== "" && !version.startsWith("1."))
    log.get("version").refuse(`is ${JSON.stringify(version.slice(0, 20))}; this reads HAR 1.2`)
  return log.get("entries").required(fix).items().map(recordedCall)
}

function recordedCall(entry: HarValue, index: number): RecordedCall {
  const request = entry.get("request").required()
  const response = entry.get("response")
  const status = response.get("status").number() ?? 0
  const durationMs = entry.get("time").number() ?? -1
  const isAttempt = !entry.get("_attempt").isAbsent
  return {
    entry: index,
    startedAt: startOf(entry.get("startedDateTime")),
    method: methodOf(request.get("method")),
    url: urlOf(request.get("url")),
    headers: request
      .get("headers")
      .items()
      .map((field) => [field.get("name").text(), field.get("value").textOrNone()] as const),
    body: bodyOf(request.get("postData")),
    bodyBytes: bytesOf(request.get("bodySize")),
    status: status > 0 ? status : undefined,
    durationMs: durationMs >= 0 ? durationMs : undefined,
    replyType: response.get("content").get("mimeType").textOrNone(),
    attemptOf: isAttempt ? entry.get("pageref").text() : undefined,
    urlIsCut: !entry.get("_urlIsCut").isAbsent,
  }
}

function startOf(value: HarValue): number {
  const startedAt = Date.parse(value.text())
  return Number.isNaN(startedAt) ? value.refuse("is no time; write it like 2026-11-30T08:15:00.000Z") : startedAt
}

function methodOf(value: HarValue): string {
  const method = value.text()
  return /^[!#$%&'*+\-.^_`|~\w]+$/.test(method) ? sentMethod(method) : value.refuse("is no method, such as GET")
}

function urlOf(value: HarValue): string {
  const url = value.text()
  return URL.canParse(url) ? url : value.refuse("is no absolute URL")
}

/** -1 stands for what is not known, and a file written by hand may leave it out where there is no body. */
function bytesOf(value: HarValue): number | undefined {
  const bytes = value.number() ?? 0
  return bytes < 0 ? undefined : bytes
}

/** The encoding is a field of HAR 1.3's proposal, and of programs that call it their own. */
function bodyOf(value: HarValue): RecordedBody | undefined {
  if (value.isAbsent) return undefined
  const given = value.get("encoding")
  const encoding = given.isAbsent ? value.get("_encoding") : given
  const body = {
    mimeType: value.get("mimeType").textOrNone(),
    text: value.get("text").textOrNone(),
    encoding: encoding.textOrNone().toLowerCase(),
    params: value.get("params").items().map(paramOf),
  }
  if (body.encoding !== "" && body.encoding !== "base64") encoding.refuse(`is neither base64 nor left out`)
  return body.text === "" && body.params.length === 0 ? undefined : body
}

function paramOf(param: HarValue): RecordedParam {
  const value = param.get("value")
  return {
    name: param.get("name").text(),
    value: value.isAbsent ? undefined : value.text(),
    fileName: param.get("fileName").textOrNone(),
    contentType: param.get("contentType").textOrNone(),
  }
}
