import * as v from "valibot"
import {
  base64Body,
  body,
  count,
  delayMs,
  fields,
  headers,
  oneOf,
  severance,
  text,
  wholeNumber,
} from "./schema-parts.ts"
import type { Cut, Framing, ReplyStep, Step } from "./steps.ts"

/** The most bytes a body may have that is built as a whole, because a content coding is applied to it. */
const MOST_CODED_BYTES = 64 * 1024 * 1024

const optional = v.exactOptional
const framingNames = ["content-length", "chunked", "until-close", "bad-chunk-size", "no-last-chunk"] as const

const framing: v.GenericSchema<unknown, Framing> = v.lazy((value): v.GenericSchema<unknown, Framing> =>
  typeof value === "object" && value !== null ? fields({ contentLength: count }) : oneOf(framingNames),
)

const cutAt = { "mid-headers": v.literal("mid-headers"), body: v.literal("body") }
const cut: v.GenericSchema<unknown, Cut> = v.variant(
  "at",
  [fields({ at: cutAt["mid-headers"], by: severance }), fields({ at: cutAt.body, afterBytes: count, by: severance })],
  (issue) => `is ${issue.received}; use "mid-headers", or "body" with afterBytes`,
)

const informational = fields({
  status: v.pipe(
    wholeNumber(100, 199),
    v.check((status) => status !== 101, "is 101, which would end HTTP on the connection; use another one"),
  ),
  headers: optional(headers),
})

const reply = v.pipe(
  fields({
    kind: v.literal("reply"),
    status: wholeNumber(200, 999),
    reason: optional(v.pipe(text, v.regex(/^[\t\x20-\x7e]*$/, "is no reason phrase; use ASCII letters on one line"))),
    headers: optional(headers),
    body: optional(body),
    informational: optional(v.array(informational, (issue) => `is ${issue.received}; use a list of interim replies`)),
    delayMs: optional(delayMs),
    coding: optional(fields({ name: oneOf(["gzip", "deflate", "br"]), lostBytes: optional(count) })),
    framing: optional(framing),
    trickle: optional(fields({ chunkBytes: wholeNumber(1, 2 ** 30), gapMs: delayMs })),
    cut: optional(cut),
    onReuse: optional(oneOf(["reset", "close"])),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    const contradiction = dataset.typed ? contradictionIn(dataset.value) : undefined
    if (contradiction !== undefined) addIssue({ message: contradiction })
  }),
)

/** What is wrong with a reply as a whole, each of its parts being sound. */
function contradictionIn({
  status,
  body: sent,
  coding,
  framing: told,
  cut: broken,
  onReuse,
}: ReplyStep): string | undefined {
  const isEndless = typeof sent === "object" && "endless" in sent
  if ((status === 204 || status === 304) && sent !== undefined) return `a ${status} has no body; remove the body`
  if (isEndless && coding !== undefined) return "an endless body has no coding; remove the coding"
  if (isEndless && told !== undefined && told !== "chunked" && told !== "until-close") {
    return 'an endless body has no other framing than "chunked" or "until-close"; use one of them'
  }
  const patternLength = typeof sent === "object" && "bytes" in sent ? sent.bytes : 0
  if (coding !== undefined && patternLength > MOST_CODED_BYTES) {
    return `a body with a coding has at most ${MOST_CODED_BYTES} bytes; use fewer`
  }
  const closes = broken !== undefined || told === "until-close" || told === "bad-chunk-size" || told === "no-last-chunk"
  return onReuse !== undefined && closes
    ? "onReuse needs a connection that is kept; remove the cut or the framing"
    : undefined
}

const echo = fields({
  kind: v.literal("echo"),
  status: optional(wholeNumber(200, 999)),
  headers: optional(headers),
  delayMs: optional(delayMs),
})

const drop = v.pipe(
  fields({
    kind: v.literal("drop"),
    at: oneOf(["connect", "before-reading", "before-headers"]),
    by: severance,
    delayMs: optional(delayMs),
  }),
  v.check(
    ({ at, by }) => !(at === "before-reading" && by === "silence"),
    'silence cannot begin "before-reading", for a server that does not read cannot see the client leave; use "before-headers"',
  ),
)

const garbage = fields({
  kind: v.literal("garbage"),
  body: optional(v.lazy((value) => (typeof value === "string" ? text : base64Body))),
  delayMs: optional(delayMs),
})

/** One step. Its messages are the ends of sentences that begin with the place. */
export const stepSchema: v.GenericSchema<unknown, Step> = v.variant(
  "kind",
  [reply, echo, drop, garbage, fields({ kind: v.literal("accept") })],
  (issue) => {
    if (issue.expected === "Object") return `is ${issue.received}; use an object with a kind`
    return `is ${issue.received}; use "reply", "echo", "drop", "garbage" or "accept"`
  },
)

export const playlistSchema = fields({
  steps: v.unknown(),
  then: optional(
    v.picklist(["last", "repeat", 404], (issue) => `is ${issue.received}; use "last", "repeat" or the number 404`),
  ),
})
