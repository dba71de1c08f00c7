/**
 * Watch the calls of a program in the browser, live: every attempt, wait and reason.
 *
 * ```ts
 * const api = steadfetch({ baseUrl: "https://api.example.com/v1" })
 * watch(api)
 * ```
 *
 * Then, in a terminal: `steadfetch watch`.
 *
 * @packageDocumentation
 */

export { watch, type Watching, type WatchOptions } from "./watch.ts"
export { Collector, type CallSource } from "./collector.ts"
export { Picture, type Changes, type Room } from "./picture.ts"
export type { AttemptStory, BudgetState, CallStory, Counts, KeyState, PolicyState, Remark, Second } from "./story.ts"
export type { Latencies } from "./latencies.ts"
export { Programs } from "./programs.ts"
export type { Program, ProgramName } from "./program.ts"
export { page, type Page, type PageOptions } from "./page.ts"
export { servePage, type PageServer, type ServeOptions } from "./serve.ts"
export type {
  WatchedAmendment,
  WatchedEntry,
  WatchedOrigin,
  WatchedOutbox,
  WatchedQuery,
  WatchedSending,
  WatchedState,
  WatchedStatistics,
  WatchedVersion,
} from "./outbox/watched-outbox.ts"
export { meetingPlace, pageKey } from "./directory.ts"
