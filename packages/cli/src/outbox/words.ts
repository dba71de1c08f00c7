import { statusName } from "steadfetch"
import type { Entry, EntryState, LastSending } from "@steadfetch/outbox"
import { formatDuration } from "../duration.ts"
import { oneLine, type Style } from "../paint.ts"

export const STATE_STYLES: Readonly<Record<EntryState, Style>> = {
  waiting: "cyan",
  sending: "bold",
  delivered: "green",
  rejected: "red",
  expired: "yellow",
  discarded: "dim",
}

/** For these the request may be right: what was refused is not part of it. */
const CREDENTIALS_REFUSED: readonly (number | undefined)[] = [401, 403, 407]

/** Where an entry goes; its URL may be relative to a base that is not known here. */
export function targetOf({ url, origin }: Pick<Entry, "url" | "origin">): string {
  if (/^https?:\/\//i.test(url)) return oneLine(url)
  return oneLine(`${origin}/…${url.startsWith("/") ? "" : "/"}${url}`)
}

/** "422 Unprocessable Content", or why there was no reply. */
export function answerOf({ kind, status, code }: LastSending): string {
  if (status !== undefined) return `${status} ${statusName(status)}`
  return kind === "error" ? "not sent" : `no reply${code === undefined ? "" : ` (${oneLine(code)})`}`
}

/** "in 5 min", "2 h ago". */
export function whenOf(at: Date, now: number): string {
  const inMs = at.getTime() - now
  if (Math.abs(inMs) < 1000) return "now"
  return inMs > 0 ? `in ${formatDuration(inMs)}` : `${formatDuration(-inMs)} ago`
}

/** The server's own words; undefined where `message` is what the client made of the reply: "POST https://… → 503 …". */
export function serverWords(last: LastSending | undefined): string | undefined {
  if (last?.message === undefined || last.status === undefined) return undefined
  return /^\S+ \S+ → \d{3}\b/.test(last.message) ? undefined : last.message
}

/** How it stands with an entry, for a list. */
export function standingOf(entry: Entry, now: number): string {
  const { state, last, dueAt, changedAt } = entry
  const answer = last === undefined ? undefined : answerOf(last)
  const words = last?.kind === "error" ? last.message : serverWords(last)
  const said = words === undefined ? "" : `: ${oneLine(words)}`
  if (state === "waiting") {
    const due = dueAt.getTime() > now + 1000 ? `due ${whenOf(dueAt, now)}` : "due"
    return answer === undefined ? due : `${due}, after ${answer}${said}`
  }
  if (state === "sending") return answer === undefined ? "being sent" : `being sent again, after ${answer}`
  if (state === "discarded" || answer === undefined) return `${state} ${whenOf(changedAt, now)}`
  return `${answer}${state === "delivered" ? "" : said}`
}

/** What an entry asks of who looks at it. */
export function nextStep(entry: Entry, now: number): string {
  const { id, state, last, dueAt, orderingKey, afterRejection } = entry
  const isHolding = orderingKey !== undefined && afterRejection === "hold"
  const holds = isHolding ? "; those behind it with its ordering key wait for that" : ""
  const give = `give it up with: steadfetch outbox discard ${id} --yes`
  switch (state) {
    case "waiting": {
      const turn = orderingKey === undefined ? "" : ", once those before it with its ordering key are settled"
      if (dueAt.getTime() > now + 1000)
        return `nothing: it is sent ${whenOf(dueAt, now)}${turn}. To send it now: steadfetch outbox retry ${id}`
      return `nothing, if a process delivers (steadfetch outbox run, or outbox.run() in a program): it is sent then${turn}`
    }
    case "sending":
      return "nothing: it is being sent, or was when its process died; then another one takes it after a minute"
    case "delivered":
      return "nothing: the API accepted it"
    case "rejected":
      if (CREDENTIALS_REFUSED.includes(last?.status))
        return `correct the credentials of the process that delivers, then: steadfetch outbox retry ${id}${holds}`
      return `correct what the server names: steadfetch outbox amend ${id} --edit, or --json '…'; or ${give}${holds}`
    case "expired":
      return `when the API is well again, release it: steadfetch outbox retry ${id}; or ${give}${holds}`
    default:
      return "nothing: someone gave it up"
  }
}
