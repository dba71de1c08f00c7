import type { Drive } from "./drive.ts"
import type { Scene } from "./scene.ts"

/** What a server's process tells of a run. */
export interface Service {
  /** When each request came, in milliseconds since 1970-01-01 UTC. */
  readonly receivedAt: readonly number[]
  /** How late replies went out, against the model: 99 of 100 no later than this. */
  readonly lateMs: number
  /** The share of a core in its busiest 5 s. */
  readonly cpuShare: number
}

/** Tasks of a server's process. */
export type ServerTasks = {
  /** Starts listening; returns the origin. */
  listen: (scene: Scene) => string
  account: () => Service
}

/** Tasks of a client's process. */
export type ClientTasks = {
  /** Makes the client. */
  open: (input: { readonly candidate: string; readonly origin: string; readonly retries: number | undefined }) => void
  drive: (scene: Scene) => Drive
}
