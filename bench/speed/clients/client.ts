/** What all clients can do, each in its own way. Paths have no leading slash. */
export interface Client {
  getJson(path: string): Promise<unknown>
  postJson(path: string, value: unknown): Promise<unknown>
  getBytes(path: string): Promise<ArrayBuffer | Uint8Array>
}

/** Where a client works. */
export interface Ground {
  readonly origin: string
  /** The most connections that it may hold open. */
  readonly connections: number
  /** Whether it is asked to retry: at once, up to {@link RETRIES} times. Else its own defaults hold. */
  readonly retries: boolean
}

/** Sets up what clients share (their connections); returns how to make one, as their documentation says. */
export type Open = (ground: Ground) => () => Client

/** So many that no call fails for good where one answer in five does. */
export const RETRIES = 20

/** Idle connections outlive the other clients' turns. */
export const KEEP_ALIVE_MS = 600_000
