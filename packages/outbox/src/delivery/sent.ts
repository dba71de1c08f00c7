import {
  retryAfterMs, retryInfoMs, SteadfetchError, type CallOutcome, type Clock, type NoReply, type Replied, type Refusal, type ServerFailure, type Success,
} from "steadfetch" // prettier-ignore
import type { LastSending } from "../entry.ts"

/** So much of a reply's body is kept. */
const MOST_KEPT = 64 * 1024

/** So much more is read, so that a credential that the server echoes at the cut is seen whole, and taken out. */
const MARGIN = 8 * 1024

/** What a sending came to. */
export interface Sent {
  readonly verdict: "accept" | "correct" | "retry"
  /** Whether it counts as a try: not when a policy of the client's held it back. */
  readonly isTry: boolean
  /** Milliseconds before which the server, or a policy of the client's, does not want to be asked again. */
  readonly afterMs: number | undefined
  readonly last: Omit<LastSending, "why">
  /** Why the call could not be made. */
  readonly error?: unknown
}

/** What an outcome comes to. @throws What the reading of a success's body throws. */
export function sentOf(outcome: CallOutcome, clock: Clock): Promise<Sent> | Sent {
  if (outcome.kind === "no-reply") return unanswered(outcome, clock)
  return outcome.kind === "success" ? accepted(outcome, clock) : refused(outcome, clock)
}

/** A call that could not be made: the credentials were not to be had, or the entry cannot be read. */
export function unmade(error: unknown, clock: Clock): Sent {
  const message = error instanceof Error ? error.message : String(error)
  const code = SteadfetchError.is(error) ? error.name : undefined
  const last = { ...nothing(clock), kind: "error" as const, message, code }
  return { verdict: "retry", isTry: true, afterMs: undefined, last, error }
}

/** No reply. A policy that did not let it go out may know when it will. */
export function unanswered({ error }: Pick<NoReply, "error">, clock: Clock): Sent {
  const isTry = error.code !== "rejected"
  const retryAt = isTry ? undefined : error.retryAt
  return {
    verdict: "retry",
    isTry,
    afterMs: retryAt && Math.max(0, retryAt.getTime() - clock.date()),
    last: { ...nothing(clock), kind: "no-reply", message: error.message, code: error.code, retryAt },
  }
}

async function accepted(outcome: Success, clock: Clock): Promise<Sent> {
  // A web stream costs more than all the rest: where there is no body, none is made (RFC 9110 §15.3.5). It is read all the same:
  // until then time limits run.
  const { bytes, isWhole } = outcome.status === 204 ? await nothingIn(outcome) : await beginning(outcome.stream())
  const { verdict, status, statusName } = outcome
  // A redirect that is not followed, say, where the contract wants none.
  const message = verdict === "accept" ? undefined : `the contract does not accept a ${status} (${statusName})`
  const words = { ...kept(outcome, bytes, isWhole), message }
  const last = { ...nothing(clock), ...replied(outcome), kind: "success" as const, ...words }
  return { verdict, isTry: true, afterMs: undefined, last }
}

async function nothingIn(outcome: Success): Promise<Beginning> {
  return { bytes: await outcome.bytes(), isWhole: true }
}

async function refused(outcome: Refusal | ServerFailure, clock: Clock): Promise<Sent> {
  const { error, verdict } = outcome
  const { body, isBodyCut } = await explanation(outcome)
  const afterMs = retryAfterMs((name) => outcome.headers.get(name), clock.date()) ?? retryInfoMs(body ?? "")
  return {
    verdict: verdict === "accept" ? "correct" : verdict,
    isTry: true,
    afterMs,
    last: {
      ...nothing(clock),
      ...replied(outcome),
      kind: outcome.kind,
      message: error.serverMessage ?? error.message,
      code: error.code,
      requestId: error.requestId,
      retryAt: afterMs === undefined ? undefined : new Date(clock.date() + afterMs),
      body,
      isBodyCut,
    },
  }
}

function nothing(clock: Clock): Omit<LastSending, "why" | "kind"> {
  return {
    at: new Date(clock.date()), status: undefined, statusName: undefined, message: undefined, code: undefined,
    requestId: undefined, retryAt: undefined, headers: {}, body: undefined, isBodyCut: false,
  } // prettier-ignore
}

function replied(outcome: Replied): Pick<LastSending, "status" | "statusName" | "headers"> {
  // Cookies are credentials; an echo of the request's own is taken out.
  const shown = [...outcome.headers].filter(([name]) => !/^set-cookie2?$/i.test(name))
  const headers = Object.fromEntries(shown.map(([name, value]) => [name.toLowerCase(), outcome.redact(value)]))
  return { status: outcome.status, statusName: outcome.statusName, headers }
}

type Kept = Pick<LastSending, "body" | "isBodyCut">

/** The words of a refusal, which have arrived with it, unless they were too long to be read. */
async function explanation(outcome: Refusal | ServerFailure): Promise<Kept> {
  try {
    return kept(outcome, await outcome.bytes(), true)
  } catch {
    return { body: undefined, isBodyCut: true }
  }
}

interface Beginning {
  readonly bytes: Uint8Array
  readonly isWhole: boolean
}

/** The first bytes of a stream; the rest is let go. */
async function beginning(stream: ReadableStream<Uint8Array>): Promise<Beginning> {
  const reader = stream.getReader()
  const pieces: Uint8Array[] = []
  for (let read = 0; read < MOST_KEPT + MARGIN;) {
    const { done, value } = await reader.read()
    if (done) return { bytes: Buffer.concat(pieces), isWhole: true }
    pieces.push(value)
    read += value.byteLength
  }
  reader.cancel().catch(() => {})
  return { bytes: Buffer.concat(pieces), isWhole: false }
}

/** What is kept of a body: of text its beginning, without echoes of the call's credentials. */
function kept(reply: Replied, bytes: Uint8Array, isWhole: boolean): Kept {
  if (bytes.byteLength === 0) return { body: undefined, isBodyCut: false }
  try {
    // A character at the cut is left out.
    const text = reply.redact(new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !isWhole }))
    return { body: text.slice(0, MOST_KEPT), isBodyCut: !isWhole || text.length > MOST_KEPT }
  } catch {
    return { body: undefined, isBodyCut: true }
  }
}
