import { computed, signal } from "@preact/signals"
import type { CallStory } from "../src/story.ts"
import { end } from "./format.ts"
import { picture, version } from "./live.ts"

export const KINDS = ["all", "2xx", "3xx", "4xx", "5xx", "no reply", "retried", "under way"] as const
export type Kind = (typeof KINDS)[number]

export const kind = signal<Kind>("all")
export const text = signal("")
export const origin = signal("")

/** The calls that pass the filters, the newest first. */
export const shownCalls = computed<readonly CallStory[]>(() => {
  // The picture is no signal itself.
  void version.value
  return picture.calls.filter(passes()).toReversed()
})

/** Whether a call passes the filters, as they are now. */
export function passes(): (call: CallStory) => boolean {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean)
  return (call) =>
    isOf(kind.value, call) &&
    (origin.value === "" || call.origin === origin.value) &&
    words.every((word) => searched(call).includes(word))
}

export const origins = computed<readonly string[]>(() => {
  void version.value
  const named = picture.calls.map((call) => call.origin)
  // What is chosen can be chosen otherwise, also when no call of it is left.
  return [...new Set(origin.value === "" ? named : [...named, origin.value])].toSorted()
})

export const isFiltered = computed(() => kind.value !== "all" || origin.value !== "" || text.value.trim() !== "")

/** Shows all calls again. */
export function showAll(): void {
  kind.value = "all"
  origin.value = ""
  text.value = ""
}

function isOf(kind: Kind, call: CallStory): boolean {
  if (kind === "all") return true
  if (kind === "retried") return call.attempts.some(({ waitMs }) => waitMs !== undefined)
  if (kind === "under way") return call.durationMs === undefined
  return end(call) === kind
}

function searched({ method, url, status, failure, verdict, ending, message, attempts }: CallStory): string {
  const said = attempts.flatMap(({ status, failure, said, message, why }) => [status, failure, said, message, why])
  return [method, url, status, failure, verdict, ending, message, ...said].join(" ").toLowerCase()
}
