import type { Child } from "../child.ts"
import type { ServerTasks } from "../tasks.ts"

/** What every item needs. */
export interface Surroundings {
  readonly origin: string
  readonly server: Child<ServerTasks>
  readonly rounds: number
  /** Of each sample. */
  readonly seconds: number
  readonly crowdCalls: number
  readonly growthCalls: number
  /** Says how far it has come. */
  readonly tell: (text: string) => void
}
