import { parseArgs } from "node:util"
import { items } from "./items/items.ts"

/** What the command line asks for. */
export interface Options {
  readonly check: boolean
  /** Ids of the items to measure; all when empty. */
  readonly only: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly crowdCalls: number
  readonly growthCalls: number
  /** The folder of the report, relative to the current one; undefined writes none. */
  readonly into: string | undefined
}

const REPORT_FOLDER = "docs/bench"

/** @throws Error for what is no option, or no sensible value of one. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      check: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "1" },
      "crowd-calls": { type: "string", default: "10000" },
      "growth-calls": { type: "string", default: "100000" },
      into: { type: "string" },
    },
  })
  const known = items.map(({ id }) => id)
  const unknown = values.only.find((id) => !known.includes(id))
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: there is no such work; give one of ${known.join(", ")}`)
  const isWhole = !values.check && values.only.length === 0
  return {
    check: values.check,
    only: values.only,
    rounds: positive("rounds", values.rounds, true),
    seconds: positive("seconds", values.seconds, false),
    crowdCalls: positive("crowd-calls", values["crowd-calls"], true),
    growthCalls: positive("growth-calls", values["growth-calls"], true),
    into: values.into ?? (isWhole ? REPORT_FOLDER : undefined),
  }
}

function positive(name: string, text: string, whole: boolean): number {
  const value = Number(text)
  if (value > 0 && value < Number.POSITIVE_INFINITY && (!whole || Number.isInteger(value))) return value
  throw new Error(`--${name} ${text}: give a ${whole ? "whole " : ""}number above 0`)
}
