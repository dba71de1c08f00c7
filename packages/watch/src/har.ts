import { statusName } from "steadfetch"
import type { AttemptStory, CallStory } from "./story.ts"

/**
 * Calls as an HTTP archive, HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/): each call is a page, each attempt
 * of it an entry, so that any viewer shows a call's attempts together. What is not known of a message (the request's header
 * fields, bodies, sizes) is empty or -1, as the specification says. Members of our own begin with an underscore.
 */
export function toHar(calls: readonly CallStory[], version: string): object {
  const pages = calls.map(({ id, method, url, startedAt, durationMs, verdict, ending, message }) => ({
    startedDateTime: new Date(startedAt).toISOString(),
    id: `call-${id}`,
    title: `${method} ${url}`,
    pageTimings: { onContentLoad: -1, onLoad: durationMs ?? -1 },
    _verdict: verdict,
    _ending: ending,
    _message: message,
  }))
  const entries = calls
    .flatMap((call) => call.attempts.map((attempt) => entry(call, attempt)))
    .toSorted((one, other) => one.startedDateTime.localeCompare(other.startedDateTime))
  return { log: { version: "1.2", creator: { name: "steadfetch watch", version }, pages, entries } }
}

function entry({ id }: CallStory, attempt: AttemptStory) {
  const { method, url, startedAt, durationMs, status, failure, message, said, waitMs, why, fields = [] } = attempt
  const field = (wanted: string): string | undefined => fields.find(([name]) => name === wanted)?.[1]
  const time = Math.max(0, durationMs ?? 0)
  return {
    pageref: `call-${id}`,
    startedDateTime: new Date(startedAt).toISOString(),
    time,
    request: { method, url, ...MESSAGE, queryString: queryOf(url) },
    response: {
      status: status ?? 0,
      statusText: status === undefined ? "" : statusName(status),
      ...MESSAGE,
      headers: fields.map(([name, value]) => ({ name, value })),
      content: { size: sizeOf(field("content-length")), mimeType: field("content-type") ?? "x-unknown" },
      redirectURL: field("location") ?? "",
    },
    cache: {},
    timings: { send: 0, wait: time, receive: 0 },
    _attempt: attempt.number,
    // The sign that it ends with is in no URL: whoever reads this cannot send it again.
    _urlIsCut: url.endsWith("…") || undefined,
    _failure: failure,
    _message: said ?? message,
    _waitMs: waitMs,
    _why: why,
  }
}

function sizeOf(contentLength = ""): number {
  return /^\d+$/.test(contentLength) ? Number(contentLength) : -1
}

/** What requests and replies have in common. */
const MESSAGE = { httpVersion: "", cookies: [], headers: [], headersSize: -1, bodySize: -1 } as const

function queryOf(url: string): { name: string; value: string }[] {
  return Array.from(URL.parse(url)?.searchParams ?? [], ([name, value]) => ({ name, value }))
}
