import { createReadStream } from "node:fs"
import { unreadable } from "../batch/source.ts"
import { readStdin } from "../read-stdin.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"

/** The most of a recording that is read: while it is parsed it takes several times as much memory. */
const MOST_BYTES = 256 * 1024 * 1024

const FIX = "save fewer calls, or leave out the replies' bodies"

/** The JSON in a file, or on standard input ("-"). @throws UsageError for another file, and for one that is too large. */
export async function readHar(
  file: string,
  quiet: boolean,
  surroundings: Surroundings,
  mostBytes = MOST_BYTES,
): Promise<unknown> {
  if (file === "-") {
    const bytes = await readStdin({ reader: "replay", what: "the recording", fix: FIX, quiet }, surroundings)
    return parsed(bytes, "standard input")
  }
  return parsed(await fileBytes(file, surroundings.interrupted, mostBytes), file)
}

async function fileBytes(file: string, signal: AbortSignal, mostBytes: number): Promise<Uint8Array> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    // Also a pipe, whose size nobody knows.
    for await (const piece of createReadStream(file, { signal }) as AsyncIterable<Buffer>) {
      length += piece.length
      if (length > mostBytes) break
      pieces.push(piece)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw unreadable(file, error)
  }
  if (length > mostBytes)
    throw new UsageError(`${file} holds more than ${mostBytes / 2 ** 20} MiB, too much to keep; ${FIX}`)
  return Buffer.concat(pieces)
}

/** A byte order mark is allowed, and goes. The parser's own message quotes the text, which holds credentials. */
function parsed(bytes: Uint8Array, name: string): unknown {
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError(`${name} is not UTF-8, as a HAR has to be; convert it`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1]
    const where = position === undefined ? "" : ` (see its character ${position})`
    throw new UsageError(`${name} is no JSON${where}; is it a HAR, and whole?`)
  }
}
