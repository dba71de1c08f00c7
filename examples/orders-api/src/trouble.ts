import type { FieldError } from "./problem.ts"
import type { BareItem, Item } from "./structured-field.ts"
import { parseItem } from "./structured-field.ts"

/** When a failure strikes: before the request was acted upon, or after, when only the reply is lost. */
type Stage = "before" | "after"

/** Trouble that a request asks for, in order to see what its client does about it. */
export type Trouble =
  | { readonly kind: "status"; readonly status: number; readonly stage: Stage; readonly retryAfterSeconds?: number }
  | { readonly kind: "drop"; readonly stage: Stage }
  | { readonly kind: "slow"; readonly delayMs: number }

export interface AskedTrouble {
  readonly trouble: Trouble
  /** How many requests of the same `id` meet it; always when absent. */
  readonly times?: number
  /** What `times` is counted by; the request's Idempotency-Key when absent. */
  readonly id?: string
}

/** Thrown for a `Trouble` field that does not say what to do. */
export class TroubleSyntaxError extends Error {
  override readonly name = "TroubleSyntaxError"
  readonly fieldError: FieldError

  constructor(detail: string) {
    super(detail)
    this.fieldError = { header: "Trouble", detail }
  }
}

const form =
  'Trouble must be like `503;times=2;retry-after=1`, `502;when=after`, `drop;times=1;id="a"` or `slow;delay-ms=500`'
const knownParameters = new Set(["times", "id", "when", "retry-after", "delay-ms"])

/** Statuses below 500 that tell of the server's state rather than of a wrong request. */
const temporaryClientErrors = new Set([408, 421, 425, 429])

/** Reads the `Trouble` request field, a structured field item. Throws `TroubleSyntaxError`. */
export function parseTrouble(field: string): AskedTrouble {
  const item = parseItem(field)
  if (item === undefined) throw new TroubleSyntaxError(form)
  for (const name of item.parameters.keys()) {
    if (!knownParameters.has(name)) throw new TroubleSyntaxError(`Trouble has no parameter "${name}"; ${form}`)
  }
  const times = integer(item, "times", 1, 1000)
  const id = textOf(item.parameters.get("id"), "id")
  const asked = { ...(times === undefined ? {} : { times }), ...(id === undefined ? {} : { id }) }
  return { ...asked, trouble: readTrouble(item) }
}

function readTrouble(item: Item): Trouble {
  const { kind, value } = item.bare
  const delayMs = integer(item, "delay-ms", 1, 60_000)
  const retryAfterSeconds = integer(item, "retry-after", 0, 3600)
  const slow = kind === "token" && value === "slow"
  if (slow !== (delayMs !== undefined))
    throw new TroubleSyntaxError("Trouble needs delay-ms with `slow`, and only there")
  if (retryAfterSeconds !== undefined && kind !== "integer") {
    throw new TroubleSyntaxError("Trouble takes retry-after with a status only")
  }
  if (delayMs !== undefined) {
    if (item.parameters.has("when")) throw new TroubleSyntaxError("Trouble takes no `when` with `slow`")
    return { kind: "slow", delayMs }
  }
  const stage = readStage(item)
  if (kind === "token" && value === "drop") return { kind: "drop", stage }
  if (kind !== "integer") throw new TroubleSyntaxError(form)
  const status = readStatus(value, stage)
  return { kind: "status", status, stage, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
}

function readStatus(status: number, stage: Stage): number {
  if (status >= 500 && status <= 599) return status
  if (!temporaryClientErrors.has(status)) {
    throw new TroubleSyntaxError(`Trouble must be 408, 421, 425, 429 or 500 to 599, but was ${status}`)
  }
  if (stage === "after") {
    throw new TroubleSyntaxError(`Trouble takes when=after from 500 up, since a ${status} says that nothing was done`)
  }
  return status
}

function readStage(item: Item): Stage {
  const when = textOf(item.parameters.get("when"), "when") ?? "before"
  if (when !== "before" && when !== "after") throw new TroubleSyntaxError("Trouble takes when=before or when=after")
  return when
}

function integer(item: Item, name: string, least: number, most: number): number | undefined {
  const bare = item.parameters.get(name)
  if (bare === undefined) return undefined
  if (bare.kind !== "integer" || bare.value < least || bare.value > most) {
    throw new TroubleSyntaxError(`Trouble takes ${name} from ${least} to ${most}, but got ${bare.value}`)
  }
  return bare.value
}

function textOf(bare: BareItem | undefined, name: string): string | undefined {
  if (bare === undefined) return undefined
  if (bare.kind === "integer") throw new TroubleSyntaxError(`Trouble takes ${name} as a word or a quoted string`)
  return bare.value
}
