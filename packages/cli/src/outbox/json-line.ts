import type { Output } from "../output.ts"
import { harmless } from "../paint.ts"

/** A line of JSON, which commands no terminal. */
export function jsonLine(value: object, { isTerminal }: Output): string {
  const text = JSON.stringify(value)
  return `${isTerminal ? harmless(text) : text}\n`
}
