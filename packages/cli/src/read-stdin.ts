import type { Surroundings } from "./surroundings.ts"
import { UsageError } from "./usage-error.ts"

/** The most of standard input that is kept. */
const MOST_BYTES = 256 * 1024 * 1024

/**
 * All of standard input. Ends with the interruption's reason when there is one.
 * @param reader What reads it: an option or a command.
 * @param what What it is, and what to do when it is too much to keep.
 */
export async function readStdin(
  reader: string,
  what: string,
  fix: string,
  { stdin, stderr, interrupted }: Surroundings,
): Promise<Uint8Array<ArrayBuffer>> {
  if (stdin.isTTY === true) stderr.line(`${reader} reads ${what} from the terminal; end with Ctrl-D`)
  const pieces: Uint8Array[] = []
  let length = 0
  const iterator = stdin[Symbol.asyncIterator]()
  const cut = new Promise<never>((_, reject) => {
    const stop = (): void => {
      stdin.destroy()
      reject(interrupted.reason)
    }
    if (interrupted.aborted) stop()
    else interrupted.addEventListener("abort", stop, { once: true })
  })
  for (;;) {
    const { done, value } = await Promise.race([iterator.next(), cut])
    if (done === true) return new Uint8Array(Buffer.concat(pieces))
    const piece = Buffer.from(value)
    length += piece.length
    if (length > MOST_BYTES) {
      throw new UsageError(
        `${reader}: standard input holds more than ${MOST_BYTES / 2 ** 20} MiB, too much to keep; ${fix}`,
      )
    }
    pieces.push(piece)
  }
}
