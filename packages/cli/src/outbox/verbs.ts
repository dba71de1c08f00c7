import type { outboxOptions } from "./options.ts"

type OptionName = keyof typeof outboxOptions

/** One of the things that can be done with an outbox. */
interface VerbDescription {
  /** With its operands. */
  readonly usage: string
  readonly does: string
  /** What it takes besides {@link COMMON}. */
  readonly options: readonly OptionName[]
}

const COMMON: readonly OptionName[] = ["store", "store-env", "key-env", "quiet", "help"]

const REQUEST = ["base-url", "header", "query", "json", "data", "form", "priority", "lifetime"] as const

export const VERBS = {
  list: {
    usage: "list",
    does: "entries, newest first",
    options: ["state", "origin", "ordering-key", "limit", "after", "base-url", "output"],
  },
  show: { usage: "show ID", does: "all about one, and what to do next", options: ["base-url", "output"] },
  add: {
    usage: "add [METHOD] URL",
    does: "writes a request down",
    options: [...REQUEST, "key", "ordering-key", "create"],
  },
  amend: {
    usage: "amend ID",
    does: "changes one, and has it sent",
    options: [...REQUEST, "method", "url", "no-body", "edit"],
  },
  retry: {
    usage: "retry ID…",
    does: "has them sent as they are",
    options: ["state", "status", "origin", "yes"],
  },
  discard: { usage: "discard ID…", does: "gives them up", options: ["yes"] },
  stats: { usage: "stats", does: "how many there are, by origin and state", options: ["output"] },
  run: {
    usage: "run",
    does: "delivers, until Ctrl-C",
    options: [
      "base-url", "bearer-env", "header", "query", "concurrency", "per-origin", "per-second", "grace", "timeout",
      "contract", "create", "output",
    ], // prettier-ignore
  },
} as const satisfies Readonly<Record<string, VerbDescription>>

export type Verb = keyof typeof VERBS

export const VERB_NAMES = Object.keys(VERBS) as Verb[]

/** Those that take an option. */
export function verbsWith(option: string): Verb[] {
  return VERB_NAMES.filter((verb) => takes(verb, option))
}

export function takes(verb: Verb, option: string): boolean {
  return [...COMMON, ...VERBS[verb].options].some((name) => name === option)
}
