import { ConfigurationError, NoReplyError, ServerError, StatusError, SteadfetchError } from "steadfetch"

/** How the command ended, for scripts that call it. The digits are those of the status classes where there is one. */
export const EXIT = {
  success: 0,
  /** Not as it should be: a digest, a call of the tour, a batch, a replay or a bench, a generated file that is out of date. */
  mismatch: 1,
  usage: 2,
  clientError: 4,
  serverError: 5,
  noReply: 7,
} as const

/** For a command that an error ended; 1 for a reply that cannot be used, or kept. */
export function exitCodeOf(error: Error): number {
  if (StatusError.is(error)) return ServerError.is(error) ? EXIT.serverError : EXIT.clientError
  return NoReplyError.is(error) ? EXIT.noReply : EXIT.mismatch
}

/** Whether an error is one to tell of in a line: of a call, of what a call needs, or of the file system. */
export function isExpected(error: unknown): error is Error {
  if (ConfigurationError.is(error)) return false
  return SteadfetchError.is(error) || (error instanceof Error && "syscall" in error)
}

/** What a shell reports for a program that a signal ended: 130 for SIGINT, 143 for SIGTERM. */
const SIGNAL_EXIT: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 }

/** The reason of the abort signal when the user, or the system, wants the command to end. */
export class Interruption extends Error {
  override readonly name = "Interruption"
  readonly exitCode: number

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal)
    this.exitCode = SIGNAL_EXIT[signal] ?? 130
  }
}
