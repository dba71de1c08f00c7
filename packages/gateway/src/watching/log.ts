import { statusClass, type Clock } from "steadfetch"
import { pino, type DestinationStream } from "pino"
import type { Visit } from "./visit.ts"

/** Where a gateway writes what happens; a logger of pino's is one. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Writes what is still held back. */
  flush?(): void
}

/** A log of JSON lines, on standard output unless it is told where. */
export function jsonLog(destination: DestinationStream = pino.destination({ dest: 1, sync: false })): Log {
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** Logs a request that is over. Neither header fields nor queries that may be secret are in it. */
export function logVisit(log: Log, visit: Visit, status: number | undefined, clock: Clock): void {
  const { method, path, caller, startedAt, upstream, record, verdict, problem } = visit
  const fields = {
    method,
    url: record?.url ?? path,
    upstream,
    status,
    ms: Math.round(clock.now() - startedAt),
    attempts: record?.attempts.length,
    verdict,
    ending: record?.ending,
    servedBy: record?.servedBy,
    problem,
    caller,
  }
  if (status === undefined) log.warn(fields, problem === undefined ? "the caller left" : "broken off")
  else if (statusClass(status) === "server-error") log.warn(fields, "answered")
  else log.info(fields, "answered")
}
