import {
  checked,
  explain,
  redactUrl,
  systemClock,
  type AttemptRecord,
  type CallRecord,
  type Clock,
  type EventMap,
  type Listener,
  type Outcome,
} from "steadfetch"
import { note } from "./latencies.ts"
import { Picture, type Room } from "./picture.ts"
import { replyFields } from "./reply-fields.ts"
import { endOf, type AttemptStory, type CallStory, type KeyState, type Second } from "./story.ts"

/** What has events of calls: a client, a gateway. */
export interface CallSource {
  on<K extends keyof EventMap>(type: K, listener: Listener<K>): () => void
}

/** Attempts and remarks kept of one call: the latest. */
const MOST_OF_A_CALL = 40
/** For so many items of a kind there can be room. */
const MOST_ROOM = 100_000
const LONGEST_URL = 2000
const LONGEST_TEXT = 500
/** So much of an error's body is read for the server's words. */
const MOST_EXPLANATION_BYTES = 16_384

/** A call as it is told, and the instant of `Clock.now()` at which it began: the time of day may be set meanwhile. */
interface Followed {
  readonly story: CallStory
  readonly beganAt: number
}

type Told = { [K in keyof EventMap]: Listener<K> }

/** Turns the events of calls into a picture of them. */
export class Collector {
  readonly picture: Picture
  readonly #clock: Pick<Clock, "date" | "now">
  readonly #followed = new WeakMap<CallRecord, Followed>()
  #lastId = 0

  /** @throws ConfigurationError for room that is none, or has no bounds. */
  constructor(clock: Pick<Clock, "date" | "now"> = systemClock, room: Partial<Room> = {}) {
    for (const [name, most] of Object.entries(room)) checked(`room.${name}`, most, 1, MOST_ROOM)
    this.#clock = clock
    this.picture = new Picture(room)
  }

  /** Listens to all that happens to calls; returns how to stop. */
  listen(source: CallSource): () => void {
    const stops = Object.entries(this.#told).map(([type, listener]) =>
      source.on(type as keyof EventMap, listener as Listener<keyof EventMap>),
    )
    return () => {
      for (const stop of stops) stop()
    }
  }

  readonly #told: Told = {
    "call-started": ({ call }) => void this.#follow(call),
    "attempt-started": ({ call, attempt }) => this.#attempt(call, attempt),
    "attempt-ended": ({ call, attempt, outcome }) => this.#attemptEnded(call, attempt, outcome),
    waiting: ({ call, attempt, waitMs, why }) => this.#waiting(call, attempt, waitMs, why),
    "call-ended": ({ call, outcome }) => this.#callEnded(call, outcome),
    held: ({ call, policy, waitMs }) => this.#remark(call, `held back by ${policy} for ${Math.round(waitMs)} ms`),
    rejected: ({ call, policy, why }) => this.#remark(call, `not let out by ${policy}: ${why}`),
    hedged: ({ call, afterMs }) => this.#remark(call, `hedged after ${Math.round(afterMs)} ms`),
    served: ({ call, policy, why }) => this.#remark(call, `served by ${policy}: ${why}`),
    budget: ({ policy, key, tokens, capacity }) => {
      const before = this.picture.key(shortUrl(key))
      this.picture.put({ keys: [{ ...before, budgets: { ...before.budgets, [policy]: { tokens, capacity } } }] })
    },
    changed: ({ policy, key, state, why }) => {
      const before = this.picture.key(shortUrl(key))
      const told = { state, why: shortText(why), at: this.#clock.date() }
      this.picture.put({ keys: [{ ...before, policies: { ...before.policies, [policy]: told } }] })
    },
  }

  #follow(call: CallRecord): Followed {
    const known = this.#followed.get(call)
    if (known !== undefined) return known
    const { method, startedAt } = call
    const url = shortUrl(call.redact(call.url))
    this.#lastId += 1
    const origin = originOf(url)
    const story = { id: this.#lastId, method, url, origin, startedAt, attemptCount: 0, attempts: [], remarks: [] }
    const beganAt = this.#clock.now() - Math.max(0, this.#clock.date() - startedAt)
    const followed = { story, beganAt }
    this.#followed.set(call, followed)
    const second = this.#now()
    second.begun += 1
    const key = this.picture.key(origin)
    key.begun += 1
    this.picture.put({ calls: [story], seconds: [second], keys: [key] })
    return followed
  }

  /** Notes that a call has changed. One that was forgotten stays so: coming back it would look like the newest. */
  #changed(story: CallStory): void {
    if (this.picture.call(story.id) === story) this.picture.put({ calls: [story] })
  }

  #attempt(call: CallRecord, record: AttemptRecord, more: Partial<AttemptStory> = {}): CallStory {
    const { story } = this.#follow(call)
    const { attempts } = story
    const place = attempts.findIndex(({ number }) => number === record.number)
    const { number, method, startedAt, durationMs, status, failure } = record
    const message = record.message === undefined ? undefined : shortText(call.redact(record.message))
    const url = attempts[place]?.url ?? shortUrl(record.url)
    const next = { ...attempts[place], number, method, url, startedAt, durationMs, status, failure, message, ...more }
    if (place >= 0) attempts[place] = next
    else if (record.number > story.attemptCount) attempts.push(next)
    if (attempts.length > MOST_OF_A_CALL) attempts.shift()
    story.attemptCount = Math.max(story.attemptCount, record.number)
    this.#changed(story)
    return story
  }

  #attemptEnded(call: CallRecord, attempt: AttemptRecord, outcome: Outcome): void {
    const fields = outcome.kind === "reply" ? replyFields(outcome.headers, (text) => call.redact(text)) : undefined
    const { origin } = this.#attempt(call, attempt, { said: saidIn(call, outcome), fields })
    const second = this.#now()
    const end = endOf(attempt.status)
    second.attempts[end] = (second.attempts[end] ?? 0) + 1
    const key = this.picture.key(origin)
    key.attempts += 1
    if (end >= 3) key.failed += 1
    this.picture.put({ seconds: [second], keys: [key] })
  }

  #waiting(call: CallRecord, attempt: AttemptRecord, waitMs: number, why: string): void {
    this.#attempt(call, attempt, { waitMs, why: shortText(call.redact(why)) })
    const second = this.#now()
    second.waits += 1
    second.waitMs += waitMs
    this.picture.put({ seconds: [second] })
  }

  #callEnded(call: CallRecord, outcome: Outcome | undefined): void {
    const { story, beganAt } = this.#follow(call)
    story.durationMs = this.#clock.now() - beganAt
    story.verdict = call.verdict
    story.ending = call.ending
    story.retryAt = call.retryAt
    story.servedBy = call.servedBy
    if (outcome?.kind === "reply") story.status = outcome.status
    else {
      story.failure = outcome?.code ?? "defect"
      story.message = shortText(call.redact(outcome?.message ?? "It ended by an error of the program's own."))
    }
    const second: Second = this.#now()
    const end = endOf(story.status)
    second.calls[end] = (second.calls[end] ?? 0) + 1
    const isRetried = story.attempts.some(({ waitMs }) => waitMs !== undefined)
    if (end < 2 && isRetried && story.servedBy === undefined) second.recovered += 1
    note(second.latencies, story.durationMs)
    const key: KeyState = this.picture.key(story.origin)
    key.calls += 1
    this.#changed(story)
    this.picture.put({ seconds: [second], keys: [key] })
  }

  #remark(call: CallRecord, text: string): void {
    const { story } = this.#follow(call)
    story.remarks.push({ at: this.#clock.date(), text: shortText(call.redact(text)) })
    if (story.remarks.length > MOST_OF_A_CALL) story.remarks.shift()
    this.#changed(story)
  }

  #now(): Second {
    return this.picture.second(Math.floor(this.#clock.date() / 1000))
  }
}

/** The server's own words about an error whose body has arrived. */
function saidIn(call: CallRecord, outcome: Outcome): string | undefined {
  if (outcome.kind !== "reply" || outcome.status < 400 || outcome.body.bytes === undefined) return undefined
  const text = new TextDecoder().decode(outcome.body.bytes.subarray(0, MOST_EXPLANATION_BYTES))
  const { message } = explain(outcome.headers, call.redact(text))
  return message === undefined ? undefined : shortText(message)
}

function originOf(url: string): string {
  const origin = URL.parse(url)?.origin
  return origin === undefined || origin === "null" ? "" : origin
}

function shortUrl(url: string): string {
  return cut(redactUrl(url), LONGEST_URL)
}

function shortText(text: string): string {
  return cut(text, LONGEST_TEXT)
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
