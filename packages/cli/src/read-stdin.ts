import type { Surroundings } from "./surroundings.ts"
import { formatBytes } from "./progress/bar.ts"
import { Progress } from "./progress/progress.ts"
import { UsageError } from "./usage-error.ts"

/** The most of standard input that is kept. */
const MOST_BYTES = 256 * 1024 * 1024

/** Who is silent for longer shows that it goes on. */
const SHOWN_FROM_MS = 1000

interface Reading {
  /** What reads it: an option or a command. */
  readonly reader: string
  /** What it is. */
  readonly what: string
  /** What to do when it is too much to keep. */
  readonly fix: string
  readonly quiet: boolean
}

/** All of standard input. Ends with the interruption's reason when there is one. */
export async function readStdin(reading: Reading, surroundings: Surroundings): Promise<Uint8Array<ArrayBuffer>> {
  const { reader, what, quiet } = reading
  const { stdin, stderr, clock } = surroundings
  if (stdin.isTTY === true) {
    stderr.line(`${reader} reads ${what} from the terminal; end with Ctrl-D`)
    return piecesOf(reading, surroundings, () => {})
  }
  let bytes = 0
  const shown = (): string => stderr.paint("dim", `reads ${what} from standard input: ${formatBytes(bytes)}`)
  const progress = quiet ? undefined : new Progress(stderr, clock, shown, SHOWN_FROM_MS)
  try {
    return await piecesOf(reading, surroundings, (length) => (bytes = length))
  } finally {
    progress?.end()
  }
}

async function piecesOf(
  { reader, fix }: Reading,
  { stdin, interrupted }: Surroundings,
  note: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
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
    note(length)
  }
}
