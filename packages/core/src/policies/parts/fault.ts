import { mergeHeaders, type HeadersInput } from "../../headers.ts"
import { failure, type Outcome } from "../../outcome.ts"
import { WholeBody } from "../../reply-body.ts"
import { checked, kindOf, knownOptions, refuse, shown } from "../../validation.ts"
import { ListedFields } from "./listed-fields.ts"
import { madeUpReply } from "./made-up-reply.ts"

/** How likely a fault is, and when it happens. */
export interface FaultTiming {
  /** The share of attempts that meet it, from 0 to 1. */
  readonly probability: number
  /** Milliseconds until it happens, or the range that they are drawn from. Default 0. */
  readonly delayMs?: number | readonly [least: number, most: number] | undefined
}

/** The reply comes as it does, and later. */
export interface LatencyFault extends FaultTiming {
  readonly kind: "latency"
  /** Milliseconds that are added to the time until the headers, or the range that they are drawn from. */
  readonly delayMs: number | readonly [least: number, most: number]
}

/** A reply of this status in place of the server's, which is not asked. */
export interface StatusFault extends FaultTiming {
  readonly kind: "status"
  /** From 200 to 599. */
  readonly status: number
  /** `{ "retry-after": "2" }`, say. */
  readonly headers?: HeadersInput | undefined
  /** The body as JSON. */
  readonly json?: unknown
  /** The body as text. */
  readonly text?: string | undefined
}

/**
 * "refused": no connection. "reset": the connection breaks before the headers. In both cases the server is not asked.
 * "broken-body": the server answers, and the body of its reply breaks off.
 */
export interface ConnectionFault extends FaultTiming {
  readonly kind: "refused" | "reset" | "broken-body"
}

/** What may happen to an attempt. */
export type Fault = LatencyFault | StatusFault | ConnectionFault

/** A checked fault. */
export interface PreparedFault {
  readonly kind: Fault["kind"]
  /** It is met by a chance below this and not below that of the fault before it. */
  readonly upTo: number
  readonly leastMs: number
  readonly mostMs: number
  /** Makes what comes in place of the server's reply; undefined when that comes. */
  readonly outcome: (() => Outcome) | undefined
}

/** The kinds of faults, and the options that only they have. */
const KINDS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["latency", []],
  ["status", ["status", "headers", "json", "text"]],
  ["refused", []],
  ["reset", []],
  ["broken-body", []],
])

/** @throws ConfigurationError for what is no fault, and for probabilities that add up to more than 1. */
export function preparedFaults(faults: readonly Fault[]): readonly PreparedFault[] {
  if (!Array.isArray(faults)) refuse("chaos.faults", kindOf(faults), 'a list: [{ kind: "reset", probability: 0.1 }]')
  let sum = 0
  const prepared = faults.map((fault: Fault, index) => {
    const name = `chaos.faults[${index}]`
    const own = KINDS.get(fault?.kind)
    if (own === undefined) refuse(`${name}.kind`, shown(fault?.kind), [...KINDS.keys()].map(shown).join(", "))
    knownOptions(name, fault, ["kind", "probability", "delayMs", ...own])
    sum += checked(`${name}.probability`, fault.probability, 0, 1)
    const [leastMs, mostMs] = delayOf(name, fault)
    return { kind: fault.kind, upTo: sum, leastMs, mostMs, outcome: outcomeOf(name, fault) }
  })
  // Ten tenths add up to a hair more or less than 1.
  if (sum > 1 + 1e-9) refuse("chaos.faults", `probabilities that add up to ${sum}`, "at most 1 in all")
  return prepared
}

function delayOf(name: string, fault: Fault): readonly [least: number, most: number] {
  const { delayMs = fault.kind === "latency" ? undefined : 0 } = fault
  const [least, most = least, ...more]: readonly unknown[] = Array.isArray(delayMs) ? delayMs : [delayMs]
  const isRange = isTime(least) && isTime(most) && least <= most && more.length === 0
  if (isRange) return [least, most]
  const what = Array.isArray(delayMs) ? `[${delayMs.map(shown).join(", ")}]` : shown(delayMs)
  return refuse(`${name}.delayMs`, what, "milliseconds, or [least, most]")
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY
}

function outcomeOf(name: string, fault: Fault): (() => Outcome) | undefined {
  if (fault.kind === "status") return statusOutcome(name, fault)
  if (fault.kind === "refused") return () => failure("refused", "chaos(): the connection was refused")
  if (fault.kind === "reset") return () => failure("reset", "chaos(): the connection was reset")
  return undefined
}

function statusOutcome(name: string, { status, headers, json, text }: StatusFault): () => Outcome {
  const made = madeUpReply(name, { status, headers, json, text })
  const fields = new ListedFields(mergeHeaders([...made.headers], [["server", "steadfetch-chaos"]]))
  // Whoever gets a reply may do with its bytes what they like.
  return () => ({ ...made, headers: fields, body: new WholeBody(made.body.bytes?.slice() ?? new Uint8Array()) })
}
