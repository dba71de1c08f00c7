import { parseHttpDate } from "./http-date.ts"
import { parseDictionary, parseList, type BareItem, type StructuredItem } from "./structured-fields.ts"

/** What a server says is left of a quota. */
export interface ServiceLimit {
  /** The quota's name; empty where the fields give none. */
  readonly name: string
  /** Whose share of it (`pk`); empty where the fields do not tell. */
  readonly partition: string
  /** Requests that are left. */
  readonly remaining: number
  /** Milliseconds within which no more than those may be sent. */
  readonly resetMs: number
  /** Requests that there are in all. */
  readonly quota: number | undefined
  /** Milliseconds that the whole quota is for. */
  readonly windowMs: number | undefined
}

/** Reads a header field. */
type Get = (name: string) => string | null

/** More than a year is a mistake. */
const LONGEST_MS = 366 * 86_400_000

/** No server has more quotas than these; it bounds what a reply can make us remember. */
const MOST_LIMITS = 8

/** Fields of three: what is in front of and behind "limit", "remaining" and "reset". */
const FAMILIES = [
  ["ratelimit-", ""],
  ["x-ratelimit-", ""],
  ["x-rate-limit-", ""],
  ["x-ratelimit-", "-requests"],
  ["anthropic-ratelimit-requests-", ""],
] as const

/**
 * The limits that a reply tells of: RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-11, and the
 * dictionary of its version 07), or the three fields of earlier versions and of those who came before: `RateLimit-*`,
 * `X-RateLimit-*`, `X-Rate-Limit-*`. What is malformed, makes no sense or comes from a cache is ignored.
 * @param dateMs The time of day, for servers without a Date field that give an instant.
 */
export function serviceLimits(get: Get, dateMs: number): readonly ServiceLimit[] {
  if (Number(get("age")) > 0) return []
  const field = get("ratelimit")
  if (field !== null) return fromDraft(field, get).slice(0, MOST_LIMITS)
  for (const [prefix, suffix] of FAMILIES) {
    const remaining = firstNumber(get(`${prefix}remaining${suffix}`))
    if (remaining === undefined) continue
    const quota = firstNumber(get(`${prefix}limit${suffix}`))
    const windowMs = windowOf(get, quota)
    const after = get(`${prefix}reset-after${suffix}`)
    const reset = after ?? get(`${prefix}reset${suffix}`)
    const serverDateMs = parseHttpDate(get("date") ?? "", dateMs) ?? dateMs
    const resetMs = reset === null ? windowMs : timeLeftMs(reset.trim(), serverDateMs)
    return sensible({ name: "", partition: "", remaining, resetMs, quota, windowMs })
  }
  return []
}

function fromDraft(field: string, get: Get): ServiceLimit[] {
  const policies = parseList(get("ratelimit-policy") ?? "")
  const items = parseList(field)
  if (items === undefined) return fromDictionary(field, get)
  return items.flatMap(({ value, parameters }) => {
    const partition = textOf(parameters.get("pk"))
    const policy = policies?.find((other) => other.value === value)
    const remaining = count(parameters.get("r"))
    const windowMs = seconds(policy?.parameters.get("w"))
    const resetMs = seconds(parameters.get("t")) ?? windowMs
    // Bytes and concurrent requests are no rate of requests.
    const isOfRequests = ["", "request", "requests"].includes(textOf(policy?.parameters.get("qu")))
    if (typeof value !== "string" || !isOfRequests) return []
    return sensible({ name: value, partition, remaining, resetMs, quota: count(policy?.parameters.get("q")), windowMs })
  })
}

/** `limit=100, remaining=50, reset=30`. */
function fromDictionary(field: string, get: Get): ServiceLimit[] {
  const members = parseDictionary(field)
  const remaining = count(members?.get("remaining")?.value)
  const resetMs = seconds(members?.get("reset")?.value)
  const quota = count(members?.get("limit")?.value)
  return sensible({ name: "", partition: "", remaining, resetMs, quota, windowMs: windowOf(get, quota) })
}

/** The window of the policy with this quota: `100;w=60`, in the field of the limit or in that of the policies. */
function windowOf(get: Get, quota: number | undefined): number | undefined {
  const items = [get("ratelimit-policy"), get("ratelimit-limit")].flatMap((text) => parseList(text ?? "") ?? [])
  const isOfQuota = ({ value, parameters }: StructuredItem): boolean => value === quota && parameters.has("w")
  return seconds(items.find(isOfQuota)?.parameters.get("w"))
}

/** What was read of a limit. */
type Read = Omit<ServiceLimit, "remaining" | "resetMs"> & {
  readonly [Name in "remaining" | "resetMs"]: number | undefined
}

/** A limit that tells how many may be sent within what time, and means it; else nothing. */
function sensible(read: Read): ServiceLimit[] {
  const { remaining, resetMs = 0, windowMs = resetMs } = read
  if (remaining === undefined || !isDuration(resetMs) || !isDuration(windowMs)) return []
  return [{ ...read, remaining, resetMs }]
}

function isDuration(ms: number): boolean {
  return ms > 0 && ms <= LONGEST_MS
}

function count(value: BareItem | undefined): number | undefined {
  return Number.isInteger(value) && Number(value) >= 0 ? Number(value) : undefined
}

function seconds(value: BareItem | undefined): number | undefined {
  const whole = count(value)
  return whole === undefined ? undefined : whole * 1000
}

function textOf(value: BareItem | undefined): string {
  return typeof value === "string" ? value : ""
}

/** `100`, and the first of `100, 100;w=60`. */
function firstNumber(text: string | null): number | undefined {
  const digits = /^\s*(\d{1,15})(?:\.\d+)?\s*(?:[,;]|$)/.exec(text ?? "")?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** As seconds to go such a number would be three years; as an instant in seconds it is in 1973. */
const LEAST_EPOCH_S = 1e8

/** As an instant in seconds it would be in the year 5138; in milliseconds it is in 1973. */
const LEAST_EPOCH_MS = 1e11

/** How long until a reset that is written as seconds to go, as seconds or milliseconds since 1970, as a date or as `6m0s`; NaN for anything else. */
function timeLeftMs(text: string, dateMs: number): number {
  if (/^\d{1,15}(\.\d+)?$/.test(text)) {
    const value = Number(text)
    if (value >= LEAST_EPOCH_MS) return value - dateMs
    return value >= LEAST_EPOCH_S ? value * 1000 - dateMs : value * 1000
  }
  const [, hours, minutes, secs, millis] =
    /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/.exec(text) ?? []
  if ((hours ?? minutes ?? secs ?? millis) !== undefined)
    return (
      Number(hours ?? 0) * 3_600_000 + Number(minutes ?? 0) * 60_000 + Number(secs ?? 0) * 1000 + Number(millis ?? 0)
    )
  const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? new Date(text).getTime() : parseHttpDate(text, dateMs)
  return (instant ?? Number.NaN) - dateMs
}
