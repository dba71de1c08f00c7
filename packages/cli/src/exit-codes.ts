/** How the command ended, for scripts that call it. The digits are those of the status classes where there is one. */
export const EXIT = {
  success: 0,
  /** The tour found a call that did not end as the contract says, or a generated file is out of date. */
  mismatch: 1,
  usage: 2,
  clientError: 4,
  serverError: 5,
  noReply: 7,
} as const

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
