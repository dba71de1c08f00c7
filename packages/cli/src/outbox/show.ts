import type { Entry } from "@steadfetch/outbox"
import type { HeaderList } from "steadfetch"
import { EXIT } from "../exit-codes.ts"
import { harmless, oneLine, type Paint } from "../paint.ts"
import { formatBytes } from "../progress/bar.ts"
import type { Surroundings } from "../surroundings.ts"
import type { TaskOf } from "./arguments.ts"
import { beginningOf, entryOf } from "./entries.ts"
import { entryObject } from "./entry-object.ts"
import { jsonLine } from "./json-line.ts"
import type { Opened } from "./opening.ts"
import { table } from "./table.ts"
import { answerOf, nextStep, serverWords, STATE_STYLES, targetOf, whenOf } from "./words.ts"

/** So much of a body is shown; all of it with `--output body`. */
const SHOWN_BYTES = 4096
const JSON_BYTES = 64 * 1024

type Beginning = Awaited<ReturnType<typeof beginningOf>>

/** Prints all about one entry, or its body. */
export async function show(task: TaskOf<"show">, { outbox }: Opened, surroundings: Surroundings): Promise<number> {
  const { stdout, clock } = surroundings
  const entry = await entryOf(outbox, task.id)
  if (task.output === "body") {
    for await (const piece of (await entry.body()) ?? []) if (!(await stdout.bytes(piece))) break
  } else if (task.output === "json") {
    const body = await beginningOf(entry, JSON_BYTES)
    await stdout.bytes(jsonLine({ ...entryObject(entry), ...bodyFields(body), reply: replyObject(entry) }, stdout))
  } else {
    const body = await beginningOf(entry, SHOWN_BYTES)
    stdout.text(`${shownLines(entry, body, clock.date(), stdout.paint).join("\n")}\n`)
  }
  return EXIT.success
}

/** The body as data: text where it is that, else base64. */
function bodyFields(body: Beginning) {
  if (body === undefined) return { bodyForm: "none", body: null, isBodyCut: false }
  const text = textOf(body)
  const form = text === undefined ? "base64" : "text"
  return { bodyForm: form, body: text ?? body.bytes.toString("base64"), isBodyCut: body.isCut }
}

/** What is kept of the last reply. */
function replyObject({ last }: Entry) {
  if (last?.status === undefined) return null
  return { headers: last.headers, body: last.body ?? null, isBodyCut: last.isBodyCut }
}

/** What the server said, what to do next, then the rest. */
export function shownLines(entry: Entry, body: Beginning, now: number, paint: Paint): string[] {
  const { state, method, last } = entry
  const answer = last === undefined ? "" : `  ${answerOf(last)}, ${whenOf(last.at, now)}`
  return [
    ...said(entry, paint),
    `${paint("bold", "What to do:")} ${nextStep(entry, now)}`,
    "",
    `${paint(STATE_STYLES[state], state)}  ${method} ${targetOf(entry)}${answer}`,
    ...table(facts(entry, now)).map((line) => `  ${line}`),
    "",
    paint("bold", "Request"),
    ...fieldLines(entry.headers),
    ...bodyLines(body, entry.bodyBytes),
    ...(last === undefined || last.status === undefined
      ? []
      : ["", paint("bold", "Reply"), ...fieldLines(Object.entries(last.headers)), ...replyLines(last)]),
  ]
}

function said(entry: Entry, paint: Paint): string[] {
  const words = serverWords(entry.last)
  if (words !== undefined) return [`${paint("bold", "The server says:")} ${oneLine(words)}`]
  const message = entry.state === "delivered" ? undefined : entry.last?.message
  return message === undefined ? [] : [`${paint("bold", "What happened:")} ${oneLine(message)}`]
}

function facts(entry: Entry, now: number): (readonly [string, string])[] {
  const at = (date: Date): string => `${date.toISOString()} (${whenOf(date, now)})`
  const { last } = entry
  const all: readonly (readonly [string, string | undefined])[] = [
    ["id", entry.id],
    ["key", entry.key],
    ["ordering key", entry.orderingKey && `${entry.orderingKey} (a rejected one: ${entry.afterRejection})`],
    ["Idempotency-Key", entry.idempotencyKey],
    ["added", at(entry.addedAt)],
    ["changed", at(entry.changedAt)],
    ["due", entry.state === "waiting" ? at(entry.dueAt) : undefined],
    ["expires", ["waiting", "sending"].includes(entry.state) ? at(entry.expiresAt) : undefined],
    ["priority", entry.priority === 0 ? undefined : String(entry.priority)],
    ["tries", String(entry.tries)],
    ["error code", last?.status === undefined ? undefined : last.code],
    ["request id", last?.requestId],
    ["not before", last?.retryAt && at(last.retryAt)],
    ["why", last?.why],
  ]
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, oneLine(value)] as const]))
}

function fieldLines(fields: HeaderList): string[] {
  return fields.map(([name, value]) => oneLine(`  ${name}: ${value}`))
}

function bodyLines(body: Beginning, bytes: number | undefined): string[] {
  if (body === undefined) return ["  no body"]
  const text = textOf(body)
  const size = formatBytes(bytes ?? body.bytes.byteLength)
  if (text === undefined) return [`  ${size}, no text; --output body > FILE keeps it`]
  const cutOff = body.isCut ? [`… ${size} in all; --output body prints it`] : []
  return indented([text, ...cutOff].join("\n"))
}

function replyLines({ body, isBodyCut }: NonNullable<Entry["last"]>): string[] {
  if (body === undefined || body === "") return []
  const isLong = isBodyCut || body.length > SHOWN_BYTES
  return indented(isLong ? `${body.slice(0, SHOWN_BYTES)}\n… --output json has more of it` : body)
}

function indented(text: string): string[] {
  return harmless(text)
    .split(/\r?\n/)
    .map((line) => `  ${line}`)
}

/** undefined for what is no text. A character that the cut divides is left out. */
function textOf({ bytes, isCut }: NonNullable<Beginning>): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut })
    return text.includes("\0") ? undefined : text
  } catch {
    return undefined
  }
}
