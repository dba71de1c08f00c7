import { CallError, fetchTransport, steadfetch, type CallOutcome, type Replied } from "steadfetch"
import type { Command } from "../command.ts"
import { formatDuration } from "../duration.ts"
import { EXIT, Interruption } from "../exit-codes.ts"
import { harmless } from "../paint.ts"
import { Progress } from "../progress/progress.ts"
import { Transfer } from "../progress/transfer.ts"
import { clientOptions, noteCredentials } from "../request-options.ts"
import { effort } from "../story.ts"
import { Storyteller } from "../storyteller.ts"
import type { Surroundings } from "../surroundings.ts"
import { parseCall, type CallRequest } from "./arguments.ts"
import { requestBody } from "./body.ts"
import { buffering } from "./buffering.ts"
import { callOptions } from "./options.ts"
import { printBody } from "./print-body.ts"
import { report } from "./report.ts"

/** Bodies up to this size are fetched again when they break off; larger ones are passed on as they come. */
const KEPT_BODY_BYTES = 1024 * 1024

/** What is over before needs no bar. */
const SHOWN_FROM_MS = 1000

const EXIT_OF = {
  success: EXIT.success,
  "client-error": EXIT.clientError,
  "server-error": EXIT.serverError,
  "no-reply": EXIT.noReply,
} as const satisfies Record<CallOutcome["kind"], number>

export const callCommand: Command = {
  name: "call",
  summary:
    "Calls an HTTP API. The reply's body goes to standard output, and the story of every attempt, wait and reason to standard error.",
  usage: "[METHOD] URL [OPTIONS]",
  options: callOptions,
  examples: [
    [
      "retried when the server cannot answer, explained when it is a mistake",
      "steadfetch call https://api.example.com/users/7",
    ],
    [
      "a new resource; sent once, however often it has to be sent",
      `steadfetch call POST https://api.example.com/users --json '{"name":"Ada"}'`,
    ],
    [
      "a body from a pipe, replayed byte for byte",
      "make-report | steadfetch call PUT https://api.example.com/report --data -",
    ],
    ["a token that no process list shows", "steadfetch call https://api.example.com/me --bearer-env TOKEN"],
    ["for a script", "steadfetch call https://api.example.com/me --output json --quiet | jq .status"],
  ],
  notes: [
    "Without METHOD it is GET, or POST when there is a body. DURATION is a number with its unit: 500ms, 30s, 2m, 1h.",
    `A body up to ${KEPT_BODY_BYTES / 2 ** 20} MiB is fetched again when it breaks off; a larger one is passed on as it comes.`,
    "Exit codes: 0 success, 4 client error (4xx: correct the request), 5 server error (5xx, after all retries), 7 no reply, 2 bad usage, 130 interrupted.",
  ],
  parse: parseCall,
  run: (args, surroundings) => call(parseCall(args, surroundings.env), surroundings),
}

async function call(request: CallRequest, surroundings: Surroundings): Promise<number> {
  const { stderr, interrupted } = surroundings
  noteCredentials(request, stderr)
  const body = await requestBody(request.bodyOptions, surroundings)
  const story = new Storyteller(stderr, surroundings.clock)
  const client = clientFor(request, story)
  const { method, url, headers, query, idempotencyKey } = request
  const isForm = body instanceof FormData || body instanceof URLSearchParams
  const sent = client.request(method, url, {
    headers,
    query,
    idempotencyKey,
    signal: interrupted,
    ...(body === undefined ? {} : isForm ? { form: body } : { body }),
  })
  try {
    const outcome = await sent.outcome({ reading: request.stream ? "stream" : "buffer" }).finally(() => story.end())
    return await tell(outcome, request, story, surroundings)
  } catch (error) {
    const reason: unknown = interrupted.reason
    if (!(reason instanceof Interruption)) throw error
    stderr.line(stderr.paint("yellow", `aborted by ${reason.message} after ${formatDuration(story.elapsedMs)}`))
    return reason.exitCode
  } finally {
    await client.close()
  }
}

function clientFor(request: CallRequest, story: Storyteller) {
  const transport = fetchTransport()
  return steadfetch({
    ...clientOptions(request, request.url),
    deadline: request.deadline,
    transport: request.output === "json" ? transport : buffering(transport, KEPT_BODY_BYTES),
    on: request.quiet ? {} : story.listeners,
  })
}

/** On a terminal the ending goes before the body, which then stands by itself; elsewhere it can tell of the body, too. */
async function tell(
  outcome: CallOutcome,
  request: CallRequest,
  story: Storyteller,
  surroundings: Surroundings,
): Promise<number> {
  const endsFirst = surroundings.stdout.isTerminal
  if (endsFirst) tellEnding(outcome, request, story, surroundings)
  const broken = await printReply(outcome, request, surroundings)
  if (broken === undefined) {
    if (!endsFirst) tellEnding(outcome, request, story, surroundings)
    return EXIT_OF[outcome.kind]
  }
  surroundings.stderr.line(harmless(broken.message))
  return EXIT.noReply
}

/** The last lines of the story: how the call ended, and the header fields where they are wanted. */
function tellEnding(outcome: CallOutcome, request: CallRequest, story: Storyteller, { stderr }: Surroundings): void {
  const { paint } = stderr
  if (request.include && outcome.kind !== "no-reply") {
    for (const [name, value] of outcome.headers) stderr.line(`     ${paint("dim", `${name}:`)} ${harmless(value)}`)
  }
  const spent = effort(outcome.attempts, story.elapsedMs)
  if (outcome.kind === "success") {
    if (request.quiet) return
    const created = outcome.created === undefined ? "" : `, created ${outcome.created.location}`
    stderr.line(`${paint("green", "success")}${paint("dim", `: ${spent}`)}${created}`)
    return
  }
  const style = outcome.kind === "client-error" ? "yellow" : "red"
  if (!request.quiet) stderr.line(`${paint(style, outcome.kind.replace("-", " "))}${paint("dim", `: ${spent}`)}`)
  stderr.line(harmless(outcome.error.message))
}

/** Puts what came on standard output. Resolves to the error that ended the body before its time, if one did. */
async function printReply(
  outcome: CallOutcome,
  request: CallRequest,
  { stdout, stderr, clock, interrupted }: Surroundings,
): Promise<CallError | undefined> {
  const { output, method, quiet } = request
  if (output === "json") {
    await stdout.bytes(`${JSON.stringify(await report(outcome, method), undefined, 2)}\n`)
    return undefined
  }
  if (outcome.kind === "no-reply") return undefined
  const transfer = new Transfer(clock, () => false)
  // Two on one terminal would write over each other.
  const progress =
    quiet || stdout.isTerminal
      ? undefined
      : new Progress(stderr, clock, (columns) => transfer.line(columns, stderr.paint), SHOWN_FROM_MS)
  const totalBytes = lengthOf(outcome)
  try {
    const remark = await printBody(outcome, stdout, output, (bytes) =>
      transfer.note({ transferredBytes: bytes, totalBytes }),
    )
    if (remark !== undefined && !quiet) stderr.line(stderr.paint("dim", remark))
    return undefined
  } catch (error) {
    if (interrupted.aborted || !CallError.is(error)) throw error
    return error
  } finally {
    progress?.end()
  }
}

/** How many bytes the body has; undefined where the header says how many it has in another coding, or nothing. */
function lengthOf({ headers }: Replied): number | undefined {
  const length = headers.get("content-encoding") === null ? headers.get("content-length") : null
  return length === null ? undefined : Number(length)
}
