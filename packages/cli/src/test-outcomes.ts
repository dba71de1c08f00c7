import {
  failure,
  steadfetch,
  WholeBody,
  type CallOutcome,
  type FailureCode,
  type Outcome,
  type Replied,
} from "steadfetch"

interface GivenReply {
  readonly status: number
  readonly headers?: [string, string][]
  readonly body?: string | Uint8Array<ArrayBuffer>
}

/** What comes of one attempt. */
export type Attempt = GivenReply | FailureCode

/** How a call ends whose attempts end like this, one after the other. */
export function outcomeOf(...attempts: readonly Attempt[]): Promise<CallOutcome> {
  const left = [...attempts]
  const send = async (): Promise<Outcome> => {
    const next = left.shift() ?? "refused"
    if (typeof next === "string") return failure(next, `scripted: ${next}`)
    const { status, headers = [], body = "" } = next
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body
    return { kind: "reply", status, url: undefined, headers: new Headers(headers), body: new WholeBody(bytes) }
  }
  const transport = { send, close: async () => {} }
  const retry = { attempts: attempts.length, baseMs: 0 }
  return steadfetch({ transport, retry }).get("https://api.example.com/users").outcome()
}

/** One reply, of whatever status. */
export async function replyOf(given: GivenReply): Promise<Replied> {
  const outcome = await outcomeOf(given)
  if (outcome.kind === "no-reply") throw outcome.error
  return outcome
}
