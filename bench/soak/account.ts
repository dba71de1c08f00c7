/** What the client process is told. */
export interface Task {
  readonly server: string
  readonly refused: string
  readonly seconds: number
  readonly atOnce: number
  readonly seed: number
}

/** The client process at one moment. */
export interface Sample {
  /** Since the start. */
  readonly atSeconds: number
  readonly calls: number
  /** Open sockets under load. */
  readonly sockets: number
  /** Resident set with no call under way, all garbage collected, in bytes. */
  readonly rssBytes: number
  /** Used heap and buffers at that moment, in bytes. */
  readonly heapBytes: number
  /** Timers that keep the process alive with no call under way. */
  readonly timers: number
}

/** What is left when all calls are over and the clients closed. */
export interface Leftovers {
  /** Calls by kind and end. */
  readonly ends: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The kinds and ends that should not be, with how often they were. */
  readonly unexpected: readonly string[]
  /** On the signal that the calls shared. */
  readonly listeners: number
  /** What keeps the process alive, beyond what did at the start. */
  readonly resources: readonly string[]
  /** Unhandled rejections, uncaught exceptions and warnings. */
  readonly complaints: readonly string[]
}

/** What the client process sends to its parent. */
export type Message = { readonly sample: Sample } | { readonly leftovers: Leftovers }

/** A run, as the verdict is given on it. */
export interface Account extends Leftovers {
  readonly samples: readonly Sample[]
  /** Connections that the server still had open after the client had closed. */
  readonly openConnections: number
  /** How the client process ended; undefined when it had to be ended. */
  readonly exitCode: number | undefined
}
