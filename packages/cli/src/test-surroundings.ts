import { systemClock } from "steadfetch"
import { PassThrough, Readable } from "node:stream"
import { Output } from "./output.ts"
import { plain } from "./paint.ts"
import type { Surroundings } from "./surroundings.ts"

/** An output whose text can be looked at. */
export function recordedOutput(
  isTerminal = false,
  columns = 80,
): { output: Output; bytes: () => Buffer; text: () => string } {
  const stream = new PassThrough()
  const pieces: Buffer[] = []
  stream.on("data", (piece: Buffer) => pieces.push(piece))
  const bytes = (): Buffer => Buffer.concat(pieces)
  const output = new Output(Object.assign(stream, { isTTY: isTerminal, columns }), plain, "xterm")
  return { output, bytes, text: () => bytes().toString() }
}

/** A process in which nothing is real. */
export function testSurroundings(given: Partial<Pick<Surroundings, "stdin" | "env" | "interrupted" | "clock">> = {}) {
  const stdout = recordedOutput()
  const stderr = recordedOutput()
  const surroundings: Surroundings = {
    stdin: Readable.from([]),
    env: {},
    interrupted: new AbortController().signal,
    clock: systemClock,
    ...given,
    stdout: stdout.output,
    stderr: stderr.output,
  }
  return { surroundings, stdout, stderr }
}
