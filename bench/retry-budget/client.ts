import { CallRecord, Events, pipeline, standard, type Outcome, type PresetOptions, type Transport } from "steadfetch"
import { seededRandom, sequentialIds } from "@steadfetch/testing"
import type { EventQueue } from "./event-queue.ts"

/** What a call tells when it is over. */
type Listener = (succeeded: boolean) => void

/** A process that calls a server: the standard pipeline of its own, and so a budget of its own. */
export type Client = (ended: Listener) => void

/** A client whose calls differ from the defaults by the options only. */
export function client(clock: EventQueue, transport: Transport, options: PresetOptions, seed: number): Client {
  const handler = pipeline(standard(options), transport, {
    clock,
    random: seededRandom(seed),
    uniqueId: sequentialIds(),
    pageOrigin: undefined,
    events: new Events(),
  })
  return (ended) => {
    const settled = handler({
      request: { method: "GET", url: "https://api.example.com/", headers: [], body: null },
      reading: "buffer",
      signal: undefined,
      deadlineAt: Number.POSITIVE_INFINITY,
      maxBodyBytes: Number.POSITIVE_INFINITY,
      keyed: false,
      options: {},
      watch: undefined,
      record: new CallRecord("GET", "https://api.example.com/", clock.date()),
    })
    settled.then((outcome) => ended(isSuccess(outcome)), refuseDefect)
  }
}

function isSuccess(outcome: Outcome): boolean {
  return outcome.kind === "reply" && outcome.status === 200
}

/** A pipeline rejects for defects only; an experiment with one says nothing. */
function refuseDefect(defect: unknown): void {
  queueMicrotask(() => {
    throw defect
  })
}

/** A time of steady load. */
export interface Load {
  readonly fromMs: number
  readonly untilMs: number
  readonly perSecond: number
}

/** Begins calls at random instants, independent of each other (a Poisson process). */
export function offer(clock: EventQueue, load: Load, random: () => number, begin: () => void): void {
  const next = (instant: number): void => {
    const nextInstant = instant - (Math.log(1 - random()) * 1000) / load.perSecond
    if (nextInstant >= load.untilMs) return
    clock.after(nextInstant - clock.now(), () => {
      begin()
      next(nextInstant)
    })
  }
  next(load.fromMs)
}
