import type { Clock } from "steadfetch"
import type { Output } from "./output.ts"

/** What the program gets from the process it runs in. */
export interface Surroundings {
  readonly stdin: AsyncIterable<Uint8Array | string> & {
    readonly isTTY?: boolean | undefined
    /** Reads no more, so that it does not keep the process. */
    destroy(): unknown
  }
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Fires with an `Interruption`. */
  readonly interrupted: AbortSignal
}
