import { UsageError } from "../usage-error.ts"

/** A line that is not empty. */
export interface Line {
  /** From 1, the empty ones included. */
  readonly number: number
  readonly text: string
}

/** Lines of UTF-8, whatever ends them; U+2028 ends none, as it may stand in JSON. @throws UsageError for other bytes. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let number = 0
  let rest = ""
  const decoded = (piece?: Uint8Array): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true })
    } catch {
      throw new UsageError(`line ${number + 1}, or one after it, is not UTF-8; convert the file`)
    }
  }
  for await (const piece of pieces) {
    const lines = (rest + decoded(piece)).split("\n")
    rest = lines.pop() ?? ""
    for (const text of lines) {
      number++
      if (text.trim() !== "") yield { number, text: text.trim() }
    }
  }
  rest += decoded()
  if (rest.trim() !== "") yield { number: number + 1, text: rest.trim() }
}

/** Several at a time, in order. */
export async function* grouped<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = []
  for await (const item of items) {
    group.push(item)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
