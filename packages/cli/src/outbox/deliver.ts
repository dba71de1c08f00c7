import type { Entry, Outbox, OutboxEvents, Trouble } from "@steadfetch/outbox"
import { EXIT, Interruption } from "../exit-codes.ts"
import { fired } from "../fired.ts"
import { oneLine } from "../paint.ts"
import { Progress } from "../progress/progress.ts"
import { noteCredentials } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import type { TaskOf } from "./arguments.ts"
import { DeliveryTally } from "./delivery-tally.ts"
import { entryObject } from "./entry-object.ts"
import { jsonLine } from "./json-line.ts"
import { openFor } from "./opening.ts"
import { standingOf, STATE_STYLES, targetOf } from "./words.ts"

/** How often it is counted what waits. */
const COUNTED_EVERY_MS = 2000

const EVENTS = ["delivered", "rejected", "expired", "retrying"] as const
type Event = (typeof EVENTS)[number]

/** Delivers until it is interrupted. Resolves to the exit code. */
export async function deliver(task: TaskOf<"run">, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, clock, interrupted } = surroundings
  const { quiet, concurrency, perSecond, graceMs } = task
  const { auth, headers, query, contract, timeout } = task.request
  noteCredentials(task.request, stderr)
  const client = {
    ...(auth === undefined ? {} : { auth }),
    headers,
    query,
    contract,
    timeout,
    deadline: false as const,
  }
  await using opened = await openFor(task, surroundings, { concurrency, perSecond }, client)
  const { outbox, name } = opened
  const tally = new DeliveryTally(clock)
  if (!quiet) stderr.line(stderr.paint("bold", oneLine(`delivers from ${name}, ${concurrency.total} at a time`)))
  listen(outbox, surroundings, task, tally)
  // A log needs no line about it every few seconds, for days.
  const isShown = !quiet && stderr.canRedraw
  const forget = isShown ? counting(outbox, surroundings, tally) : () => {}
  const progress = isShown ? new Progress(stderr, clock, (columns) => tally.line(columns, stderr.paint)) : undefined
  let broken: NodeJS.Signals | undefined
  try {
    outbox.run()
    // A reader that left, as `head -1` does, wants no more deliveries.
    await fired(AbortSignal.any([interrupted, stdout.abandoned]))
    broken = await stopped(outbox, graceMs, () => {
      if (!quiet) stderr.line("stops: what is under way is finished; Ctrl-C again breaks it off")
    })
  } finally {
    forget()
    progress?.end()
  }
  if (!quiet) stderr.line(tally.summary(stderr.paint))
  if (broken !== undefined) return new Interruption(broken === "SIGTERM" ? "SIGTERM" : "SIGINT").exitCode
  return stdout.abandoned.aborted ? EXIT.mismatch : EXIT.success
}

/**
 * Stops. Resolves to the signal by which what was under way was broken off, if it was.
 * @param announce Called once a second signal is listened to.
 */
async function stopped(outbox: Outbox, graceMs: number, announce: () => void): Promise<NodeJS.Signals | undefined> {
  let broken: NodeJS.Signals | undefined
  const breakOff = (signal: NodeJS.Signals): void => {
    broken = signal
    void outbox.stop({ graceMs: 0 })
  }
  // Once: whoever asks a third time is not kept waiting.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, breakOff)
  announce()
  await outbox.stop({ graceMs })
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, breakOff)
  return broken
}

function listen(
  outbox: Outbox,
  { stdout, stderr, clock }: Surroundings,
  { output, quiet }: TaskOf<"run">,
  tally: DeliveryTally,
): void {
  const print = (event: Event, entry: Entry): void => {
    tally.count(event)
    // Both are commonly the same terminal; the next tick draws the line again.
    if (stdout.isTerminal) stderr.live("")
    if (output === "json") return stdout.text(jsonLine({ event, ...entryObject(entry) }, stdout))
    const what = stdout.paint(STATE_STYLES[entry.state], event.padEnd(9))
    stdout.line(`${what}  ${entry.id}  ${entry.method} ${targetOf(entry)}  ${standingOf(entry, clock.date())}`)
  }
  for (const event of EVENTS) outbox.on(event, (entry: OutboxEvents[Event]) => print(event, entry))
  outbox.on("trouble", ({ what, id, error }: Trouble) => {
    const said = error instanceof Error ? error.message : String(error)
    if (!quiet) stderr.line(stderr.paint("yellow", oneLine(`${what}${id === undefined ? "" : ` (${id})`}: ${said}`)))
  })
}

/** Counts what waits from time to time. Returns how to stop. */
function counting(outbox: Outbox, { clock }: Surroundings, tally: DeliveryTally): () => void {
  let callOff = (): void => {}
  let isOver = false
  const count = async (): Promise<void> => {
    // A store that is away is told as trouble.
    const statistics = await outbox.stats().catch(() => undefined)
    if (isOver) return
    if (statistics !== undefined) tally.noteStates(statistics.states)
    callOff = clock.after(COUNTED_EVERY_MS, () => void count())
  }
  void count()
  return () => {
    isOver = true
    callOff()
  }
}
