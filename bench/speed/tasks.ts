import type { CallKind } from "./call-kinds.ts"
import type { Ground } from "./clients/client.ts"
import type { Load } from "./measures/load.ts"
import type { Allocation } from "./measures/allocation.ts"
import type { Crowd } from "./measures/crowd.ts"
import type { Growth } from "./measures/growth.ts"
import type { PipelineVariant } from "./measures/pipeline-variants.ts"

/** What a process can be asked for: the input and the output of each task. */
export type TaskMap = Record<string, (input: never) => unknown>

/** Tasks of the server's process. */
export type ServerTasks = {
  /** Starts listening; returns the origin. */
  listen: () => string
  /** Microseconds of CPU time used so far. */
  cpuUs: () => number
}

/** Tasks of a client's process. */
export type ClientTasks = {
  open: (input: { readonly client: string; readonly ground: Ground }) => void
  load: (input: { readonly kind: CallKind; readonly concurrency: number; readonly seconds: number }) => Load
  /** Microseconds per client made. */
  create: (input: { readonly seconds: number }) => number
  crowd: (input: { readonly calls: number }) => Crowd
  allocation: (input: { readonly calls: number }) => Allocation
  growth: (input: { readonly calls: number; readonly concurrency: number }) => Growth
}

/** Tasks of a process that runs a pipeline over a transport that does nothing. */
export type PipelineTasks = {
  /** Microseconds per call. */
  callUs: (input: { readonly variant: PipelineVariant; readonly seconds: number }) => number
}
