import type { Picture } from "./picture.ts"

/** Who a program is. */
export interface ProgramName {
  readonly id: string
  readonly name: string
  /** Milliseconds since 1970 from which on its calls are seen. */
  readonly since: number
}

/** A program whose calls are watched. */
export interface Program extends ProgramName {
  readonly isRunning: boolean
  readonly picture: Picture
}

/** How often changes are passed on. */
export const EVERY_MS = 250
